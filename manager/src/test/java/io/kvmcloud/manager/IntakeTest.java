package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.manager.Incoming.Malformed;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.MemorySize;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntakeTest {

    private final Map<String, Object> headers = Some.newHeaders("micro", 128, 2);

    @Test
    void aCommandForAHostNamesItsController() {
        assertThat(write(client("write.template.warm.s2", "template.warm")).target())
                .isEqualTo(new Target.Owner(new ControllerName("s2"), 0));
    }

    @Test
    void aNewCommandIsForAnyoneWithWhatItsHeadersSayItNeeds() {
        Write write = write(client("write.instance.new", "instance.new"));

        assertThat(write.target()).isEqualTo(new Target.Anyone(new Needs("micro", new MemorySize(128), 2, "")));
        assertThat(write.requestId()).isEqualTo("r1");
        assertThat(write.deadline()).isEqualTo(Some.NOON.plusSeconds(60));
        assertThat(write.askedBy()).isEqualTo("operator");
        assertThat(write.fresh()).isTrue();
    }

    @Test
    void aCommandAboutAnInstanceIsForItsOwnerAndNeedsNoHeaders() {
        headers.clear();
        Write write = write(client("write.instance.kill.s2.2000", "instance.kill"));

        assertThat(write.target()).isEqualTo(new Target.Owner(new ControllerName("s2"), 2000));
        assertThat(write.deadline()).isEqualTo(Some.NOON.plus(Intake.DEFAULT_LIFE));
    }

    @Test
    void aCommandThatNobodyHereHasHeardOfIsRoutedAllTheSame() {
        assertThat(write(client("write.instance.freeze.s1.1", "instance.freeze"))
                        .target())
                .isEqualTo(new Target.Owner(new ControllerName("s1"), 1));
    }

    @Test
    void whatWasDeliveredOrAskedBeforeIsNotFresh() {
        Envelope envelope = envelope("instance.new", "r1", Some.REPLY_TO, "operator");
        assertThat(write(new Delivery(Topology.COMMANDS, "write.instance.new", true, envelope, 1))
                        .fresh())
                .isFalse();

        headers.put(Headers.ATTEMPT, 1);
        assertThat(write(client("write.instance.new", "instance.new")).fresh()).isFalse();
    }

    @Test
    void whatNoControllerReadTellsSoWithTheCopyItWas() {
        Write write = write(returned("kvm.controller.s1.commands", "expired", Topology.MANAGER_USER));

        assertThat(write.history()).isEqualTo(new History.Returned("m1-x.7", true));
        assertThat(write.key()).isEqualTo("write.instance.new");
        assertThat(write.askedBy()).isEqualTo("alice");
    }

    @Test
    void whatAControllerHeldWhenItWentDownMayHaveBeenRead() {
        assertThat(write(returned("kvm.controller.s1.commands", "delivery_limit", Topology.MANAGER_USER))
                        .history())
                .isEqualTo(new History.Returned("m1-x.7", false));
    }

    @Test
    void whatWasParkedComesBackWithoutBeingAnyonesCopy() {
        assertThat(write(returned(Topology.MANAGER_INDOUBT, "expired", Topology.MANAGER_USER))
                        .history())
                .isEqualTo(new History.Returned("", false));
    }

    @Test
    void aDeadLetterThatIsSentAgainMayBeARepeatAndIsNeverTakenForAnOldCopy() {
        headers.put(Headers.REQUEUED, true);
        assertThat(write(returned(Topology.MANAGER_INDOUBT, "expired", Topology.MANAGER_USER))
                        .history())
                .isEqualTo(new History.Repeated());
    }

    @Test
    void whatAControllerCannotReadIsNotOfferedToAnother() {
        assertThat(malformed(returned("kvm.controller.s1.commands", "rejected", Topology.MANAGER_USER)))
                .contains("controller s1 refused it");
    }

    @Test
    void aForgedReturnIsRefused() {
        assertThat(malformed(returned("kvm.controller.s1.commands", "expired", "s1")))
                .contains("from user s1");
        headers.put(Headers.KEY, "write.instance.new");
        Envelope envelope = envelope("instance.new", "r1", null, Topology.MANAGER_USER);
        assertThat(malformed(new Delivery(Topology.UNPICKED, "s1.command", false, envelope, 1)))
                .contains("came through exchange 'kvm.unpicked'");
        assertThat(malformed(new Delivery("", Topology.MANAGER_COMMANDS, false, envelope, 1)))
                .contains("came through exchange ''");
    }

    @Test
    void aClientThatBringsTheBrokersHistoryIsStillAClient() {
        headers.put(Headers.DEATHS, List.of(Map.of("queue", "kvm.controller.s1.commands", "reason", "expired")));

        assertThat(write(client("write.instance.new", "instance.new")).fresh()).isTrue();
    }

    @Test
    void aQuestionThatComesBackIsAnEchoThatNamesTheController() {
        headers.put(Headers.DEATHS, List.of(Map.of("queue", "kvm.controller.s3.commands", "reason", "expired")));
        Envelope envelope = envelope("roll-call", "r1", null, Topology.MANAGER_USER);

        assertThat(Intake.read(new Delivery(Topology.UNPICKED, "all.command", false, envelope, 1), Some.NOON))
                .isEqualTo(new Incoming.Echo());
        assertThat(Intake.unheardBy(envelope)).contains(new ControllerName("s3"));
    }

    @ParameterizedTest
    @CsvSource({
        "write.instance.new,             instance.kill",
        "write.instance.new,             ''",
        "write.instance.kill.s1.1,       instance.run",
        "write.instance.kill.s1,         instance.kill",
        "write.instance.kill.S1.1,       instance.kill",
        "write.instance.kill.s1.-1,      instance.kill",
        "write.instance.kill.s1.1.2,     instance.kill",
        "write.instance.kill.s1.9999999999999999999, instance.kill",
        "write.,                         ''",
        "write,                          write",
        "read.ping,                      ping",
        "write.instance.kill.s1.1;id,    instance.kill",
    })
    void keyAndTypeMustBeThoseOfAWriteAndAgree(String key, String type) {
        assertThat(malformed(client(key, type))).startsWith("this message is no command: ");
    }

    @Test
    void whatAStrangerWroteCannotRepaintATerminal() {
        assertThat(malformed(client("write.\u001b[2J\nINFO all is well", "x" + "y".repeat(1_000))))
                .contains("routing key 'write.?[2J?INFO all is well'")
                .hasSizeLessThan(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "\u001b[2J", "ä"})
    void aRequestIdIsPrintableAndThere(String id) {
        Envelope envelope = envelope("instance.new", id, Some.REPLY_TO, "operator");

        assertThat(malformed(Some.fromClient("write.instance.new", envelope))).contains("message_id");
    }

    @Test
    void aReplyAddressThatIsSomeonesQueueIsRefused() {
        Envelope envelope = envelope("instance.new", "r1", "kvm.controller.s1.commands", "operator");

        assertThat(malformed(Some.fromClient("write.instance.new", envelope))).contains("reply_to");
        assertThat(Intake.answerable(envelope)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc", "a/b", "", "-x", "a b"})
    void aTemplateNameIsAName(String template) {
        headers.put(Headers.TEMPLATE, template);

        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("'template'");
    }

    @Test
    void numbersOutsideTheirRangeAreRefusedWithTheRange() {
        headers.put(Headers.MEMORY, 0);
        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("between 1 MiB and 16777216 MiB");
        headers.put(Headers.MEMORY, 64.5);
        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("'memory' must be a whole number");
        headers.put(Headers.MEMORY, 64);
        headers.put(Headers.CPUS, 257);
        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("between 1 and 256, not 257");
        headers.put(Headers.CPUS, List.of());
        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("'cpus' must be a whole number");
    }

    @Test
    void aNameIsALabelOrNone() {
        headers.put(Headers.NAME, "web-1");
        assertThat(needs().name()).isEqualTo("web-1");
        headers.put(Headers.NAME, "");
        assertThat(needs().name()).isEmpty();
        headers.put(Headers.NAME, "Web");
        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("'Web' is not a name");
    }

    @Test
    void noDeadlineIsFartherAwayThanADay() {
        headers.put(Headers.DEADLINE, Long.MAX_VALUE);
        assertThat(write(client("write.instance.new", "instance.new")).deadline())
                .isEqualTo(Some.NOON.plusSeconds(86_400));
        headers.put(Headers.DEADLINE, Long.MIN_VALUE);
        assertThat(write(client("write.instance.new", "instance.new")).deadline())
                .isEqualTo(Instant.ofEpochMilli(Long.MIN_VALUE));
        headers.put(Headers.DEADLINE, "soon");
        assertThat(malformed(client("write.instance.new", "instance.new"))).contains("'deadline'");
    }

    private Delivery client(String key, String type) {
        return Some.fromClient(key, envelope(type, "r1", Some.REPLY_TO, "operator"));
    }

    private Delivery returned(String queue, String reason, String user) {
        Map<String, Object> relayed = new HashMap<>(headers);
        relayed.put(Headers.KEY, "write.instance.new");
        relayed.put(Headers.COPY, "m1-x.7");
        relayed.put(Headers.ON_BEHALF_OF, "alice");
        relayed.put(Headers.DEATHS, List.of(Map.of("queue", queue, "reason", reason)));
        Envelope envelope = Some.envelope("instance.new", "r1", Some.REPLY_TO, user, relayed);
        return new Delivery(Topology.UNPICKED, "s1.command", false, envelope, 1);
    }

    private Envelope envelope(
            @Nullable String type, @Nullable String id, @Nullable String replyTo, @Nullable String user) {
        return Some.envelope(type, id, replyTo, user, headers);
    }

    private static Write write(Delivery delivery) {
        Incoming incoming = Intake.read(delivery, Some.NOON);
        assertThat(incoming).isInstanceOf(Write.class);
        return (Write) incoming;
    }

    private Needs needs() {
        return ((Target.Anyone)
                        write(client("write.instance.new", "instance.new")).target())
                .needs();
    }

    private static String malformed(Delivery delivery) {
        Incoming incoming = Intake.read(delivery, Some.NOON);
        assertThat(incoming).isInstanceOf(Malformed.class);
        return ((Malformed) incoming).failure().message();
    }
}
