package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.ControllerList;
import io.kvmcloud.messages.Reply.InstanceList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Lists that are longer than a message: what a manager answers, page by page. */
class PagesTest {

    private static final int HOSTS = 20;
    private static final int EACH = 500;

    private final Controllers controllers = new Controllers(new ManualClock(Some.NOON), Set.of());

    @Test
    void tenThousandInstancesComeInPagesEachInstanceOnceInTheOrderOfTheirIds() {
        fill("");

        List<InstanceId> all = ids(Page.all(this::instances, InstanceList::instances, InstanceList::next));

        assertThat(all).hasSize(HOSTS * EACH).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void anOlderClientThatAsksForAllAtOnceIsToldWhatDoesNotFit() {
        fill("");

        assertThat(answered(Page.WHOLE))
                .isInstanceOfSatisfying(
                        Reply.Failure.class,
                        failure -> assertThat(failure.message()).contains("at most 1048576"));
    }

    @Test
    void aShortListComesWholeToWhoeverAsksForAllAtOnce() {
        controllers.heard(up(1, instances("s01", "")));

        assertThat(instances(Page.WHOLE).instances()).hasSize(EACH);
        assertThat(instances(Page.WHOLE).next()).isEmpty();
    }

    @Test
    void aPageOfLongRowsIsAsShortAsItMustBeToFitIntoAMessage() {
        fill("QEMU died: " + "x".repeat(2000));

        InstanceList first = instances(new Page("", 1000));
        assertThat(first.instances()).hasSizeBetween(200, 500);
        assertThat(ids(Page.all(this::instances, InstanceList::instances, InstanceList::next)))
                .hasSize(HOSTS * EACH)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatIsThereAllTheTimeIsInExactlyOnePageHoweverMuchComesAndGoes() {
        fill("");
        Random random = new Random(1);
        Set<InstanceId> throughout =
                new TreeSet<>(ids(Page.all(this::instances, InstanceList::instances, InstanceList::next)));
        List<InstanceId> seen = ids(Page.all(
                page -> {
                    InstanceList part = instances(page);
                    for (int i = 0; i < 300; i++) {
                        comesOrGoes(random, throughout);
                    }
                    // The row that the next page begins behind is gone before that is asked for, and so may be its
                    // host.
                    gone(part.instances().getLast().instance().id(), throughout);
                    return part;
                },
                InstanceList::instances,
                InstanceList::next));

        assertThat(seen).isSorted().doesNotHaveDuplicates().containsAll(throughout);
    }

    @Test
    void thePageThatFollowsIsAskedForBeforeThisOneHasBeenRead() {
        fill("");
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch second = new CountDownLatch(2);
        List<InstanceId> all = ids(Page.all(
                (page, next) -> {
                    second.countDown();
                    InstanceList part = instances(page);
                    if (!part.next().isEmpty()) {
                        next.accept(part.next());
                    }
                    if (asked.getAndIncrement() == 0) {
                        assertThat(awaited(second)).isTrue();
                    }
                    return part;
                },
                InstanceList::instances,
                InstanceList::next));

        assertThat(all).hasSize(HOSTS * EACH).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whyAPageDoesNotComeIsSaidAsItWas() {
        fill("");
        CommandFailed away = new CommandFailed(Reason.UNREACHABLE, "no manager is running", "");
        assertThatThrownBy(() -> Page.all(
                        page -> {
                            if (!page.after().isEmpty()) {
                                throw away;
                            }
                            return instances(page);
                        },
                        InstanceList::instances,
                        InstanceList::next))
                .isSameAs(away);
    }

    @Test
    void controllersComeInPagesToo() {
        fill("");

        ControllerList first = Lists.controllers(controllers, new Page("", 7));
        ControllerList last = Lists.controllers(controllers, new Page("s14", 7));

        assertThat(first.controllers()).hasSize(7);
        assertThat(first.next()).isEqualTo("s07");
        assertThat(last.controllers()).hasSize(6);
        assertThat(last.next()).isEmpty();
    }

    private void comesOrGoes(Random random, Set<InstanceId> throughout) {
        ControllerName host = new ControllerName("s%02d".formatted(random.nextInt(1, HOSTS + 1)));
        InstanceId id = new InstanceId(host, random.nextInt(1, 2 * EACH));
        if (random.nextBoolean()) {
            controllers.heard(new Event.InstanceChanged(Some.instance(id, "micro", 64, 1)));
        } else {
            gone(id, throughout);
        }
    }

    private void gone(InstanceId id, Set<InstanceId> throughout) {
        controllers.heard(new Event.InstanceRemoved(id));
        throughout.remove(id);
    }

    private void fill(String note) {
        IntStream.rangeClosed(1, HOSTS)
                .forEach(host -> controllers.heard(up(host, instances("s%02d".formatted(host), note))));
    }

    private static Event.ControllerUp up(int host, List<InstanceView> instances) {
        return new Event.ControllerUp(
                Some.controller("s%02d".formatted(host), new Capacity(1024, 0, 8, 0, 0), Some.MICRO), instances);
    }

    private static List<InstanceView> instances(String host, String note) {
        return LongStream.rangeClosed(1, EACH)
                .mapToObj(number -> new InstanceView(
                        new InstanceId(new ControllerName(host), number),
                        "micro",
                        new MemorySize(64),
                        1,
                        2200,
                        "127.0.0.1",
                        "root",
                        InstanceStatus.FAILED,
                        Some.NOON,
                        note))
                .toList();
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private InstanceList instances(Page page) {
        return (InstanceList) answered(page);
    }

    /** As it travels. */
    private Reply answered(Page page) {
        Envelope envelope = Answers.fitting(page, part -> Lists.instances(controllers, part), "R-1");
        assertThat(envelope.body().length).isLessThanOrEqualTo(Codec.MAX_BODY);
        return Codec.reply(envelope);
    }

    private static List<InstanceId> ids(List<InstanceRow> rows) {
        return new ArrayList<>(rows.stream().map(row -> row.instance().id()).toList());
    }
}
