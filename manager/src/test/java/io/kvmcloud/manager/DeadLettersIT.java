package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.DeadLettersSettled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Operators look at what nobody could handle, have it done after all, or throw it away. */
@Tag("every-broker")
@WithBroker
class DeadLettersIT {

    private final TestBroker broker;
    private final FakeCloud cloud;
    private final Client client;

    DeadLettersIT(TestBroker broker) {
        this.broker = broker;
        this.cloud = new FakeCloud(broker);
        this.client = cloud.client();
    }

    @AfterEach
    void end() {
        cloud.close();
    }

    @Test
    void lettersAreListedWithWhoSentWhatAndWhyItFailed() {
        cloud.manager("m1");
        poison("not json");

        DeadLetter letter = letters(1).getFirst();

        assertThat(letter.id()).matches("[0-9a-f]{8}");
        assertThat(letter.when()).startsWith("20").endsWith("Z");
        assertThat(letter.why()).contains("message_id must be a request id");
        assertThat(List.of(letter.from(), letter.type(), letter.key(), letter.size() + ""))
                .containsExactly("operator", "instance.new", "write.instance.new", "8");
        Reply.DeadLetterShown shown = (Reply.DeadLetterShown) client.call(new Command.ShowDeadLetter(letter.id()));
        assertThat(shown.letter()).isEqualTo(letter);
        assertThat(shown.body()).isEqualTo("not json");
        assertThat(shown.headers()).contains("user_id: kvm-manager", "key: write.instance.new");
    }

    @Test
    void lookingChangesNothingHoweverOftenAndWhoeverLooks() {
        cloud.manager("m1");
        cloud.manager("m2");
        IntStream.range(0, 5).forEach(i -> poison("poison " + i));
        List<DeadLetter> before = letters(5);

        // Far more often than the delivery limit of 20 that RabbitMQ 4 has by itself; all at once, by both managers.
        List<String> asked = IntStream.range(0, 60)
                .mapToObj(_ -> client.ask(new Command.ListDeadLetters()))
                .toList();

        Set<List<DeadLetter>> seen = new HashSet<>();
        asked.forEach(one -> seen.add(((Reply.DeadLetterList) client.answer(one)).letters()));
        assertThat(seen).containsExactly(before);
        assertThat(broker.messages(Topology.DEAD_LETTERS)).isEqualTo(5);
    }

    @Test
    void aCommandThatIsSentAgainIsCarriedOutOnceNowThatItCanBe() {
        cloud.manager("m1");
        publish("late", FakeCloud.newMicro(64)); // nobody waits, and no controller is there
        DeadLetter letter = letters(1).getFirst();
        assertThat(letter.why()).contains("no controller is connected");
        FakeController s1 = cloud.controller("s1");

        DeadLettersSettled settled = requeue(letter.id());

        assertThat(settled).isEqualTo(new DeadLettersSettled(List.of(letter.id()), List.of()));
        await().atMost(Duration.ofSeconds(60)).until(() -> s1.requests().contains("late"));
        assertThat(cloud.instances()).containsExactly("s1/1000");
        assertThat(letters(0)).isEmpty();
    }

    @Test
    void aCommandThatItsControllerDidNotPickUpIsSentThereAgain() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        s1.crash();
        s1.connect(false);
        publish("unpicked", new Command.KillInstance(FakeCloud.id("s1", 1000)));
        DeadLetter letter = letters(1).getFirst();
        assertThat(letter.why()).contains("controller s1 did not pick the command up");
        assertThat(letter.key()).isEqualTo("write.instance.kill.s1.1000");
        assertThat(letter.from()).isEqualTo("operator");
        s1.crash();
        s1.connect();

        assertThat(requeue(letter.id()).done()).containsExactly(letter.id());

        await().atMost(Duration.ofSeconds(60)).until(() -> s1.requests().contains("unpicked"));
        assertThat(s1.taken).singleElement().satisfies(delivery -> {
            assertThat(delivery.envelope().header("on-behalf-of")).isEqualTo("operator");
            assertThat(delivery.envelope().header("key")).isEqualTo("write.instance.kill.s1.1000");
        });
    }

    @Test
    void onlyACommandIsSentAgain() throws Exception {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        poison("not json");
        client.publish(
                "write.instance.kill.s1.1000",
                "instance.kill",
                "bad id",
                false,
                Client.headers(new Command.KillInstance(FakeCloud.id("s1", 1000)), 0),
                "{\"id\":\"s2/2000\"}");
        letters(2);
        // A controller may write anything into any queue, but nobody has checked whom it claims to speak for.
        try (var connection = broker.connect("s2");
                var channel = connection.createChannel()) {
            channel.basicPublish(
                    "",
                    Topology.DEAD_LETTERS,
                    new BasicProperties.Builder()
                            .type("instance.kill")
                            .messageId("forged")
                            .headers(Map.of(
                                    "key", "write.instance.kill.s1.1000", "why", "x", "on-behalf-of", "operator"))
                            .build(),
                    "{\"id\":\"s1/1000\"}".getBytes(StandardCharsets.UTF_8));
        }
        List<DeadLetter> all = letters(3);

        DeadLettersSettled settled = requeue(all.stream().map(DeadLetter::id).toArray(String[]::new));

        assertThat(settled.done()).isEmpty();
        assertThat(settled.refused())
                .allSatisfy(refused -> assertThat(refused.reason()).isEqualTo(Reason.REFUSED))
                .extracting(DeadLettersSettled.Refused::message)
                .satisfiesExactly(
                        poison -> assertThat(poison).contains("message_id must be a request id"),
                        badId -> assertThat(badId).contains("message_id must be a request id"),
                        forged -> assertThat(forged).contains("put there by an unnamed user through exchange ''"));
        assertThat(letters(3)).isEqualTo(all);
        assertThat(s1.taken).isEmpty();
    }

    @Test
    void aBodyThatDoesNotFitItsKeyIsNotSentAgain() {
        cloud.manager("m1");
        client.publish(
                "write.instance.kill.s1.1000",
                "instance.kill",
                "other",
                false,
                Client.headers(new Command.KillInstance(FakeCloud.id("s1", 1000)), 0),
                "{\"id\":\"s2/2000\"}");
        DeadLetter letter = letters(1).getFirst();

        assertThat(requeue(letter.id()).refused())
                .singleElement()
                .satisfies(
                        refused -> assertThat(refused.message())
                                .contains(
                                        "published with key 'write.instance.kill.s1.1000' but carries write.instance.kill.s2.2000"));
    }

    @Test
    void whatIsDroppedIsGoneAndTheRestStays() {
        cloud.manager("m1");
        poison("one");
        letters(1);
        poison("two");
        List<DeadLetter> all = letters(2);

        DeadLettersSettled settled = (DeadLettersSettled)
                client.call(new Command.DropDeadLetters(List.of(all.getFirst().id(), "ffffffff")));

        assertThat(settled.done()).containsExactly(all.getFirst().id());
        assertThat(settled.refused()).singleElement().satisfies(unknown -> {
            assertThat(unknown.reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(unknown.message()).isEqualTo("there is no dead letter ffffffff");
        });
        assertThat(letters(1)).containsExactly(all.getLast());
        assertThat(FakeCloud.failure(client.call(
                                new Command.ShowDeadLetter(all.getFirst().id())))
                        .reason())
                .isEqualTo(Reason.NOT_FOUND);
    }

    private DeadLettersSettled requeue(String... ids) {
        return (DeadLettersSettled) client.call(new Command.RequeueDeadLetters(List.of(ids)));
    }

    /** Without a request id it can be nothing, and nobody waits. */
    private void poison(String body) {
        client.publish("write.instance.new", "instance.new", null, false, Map.of(), body);
    }

    private void publish(String id, Command<?> command) {
        client.publish(
                Topology.keyOf(command),
                command.wireName(),
                id,
                false,
                Client.headers(command, 0),
                new String(io.kvmcloud.amqp.Codec.encode(command), StandardCharsets.UTF_8));
    }

    /** The list, once this many are there. */
    private List<DeadLetter> letters(int expected) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> broker.messages(Topology.DEAD_LETTERS) == expected
                        && !broker.exists(Topology.DEAD_LETTERS_OPEN));
        Reply.DeadLetterList list = (Reply.DeadLetterList) client.call(new Command.ListDeadLetters());
        assertThat(list.total()).isEqualTo(expected);
        return list.letters();
    }
}
