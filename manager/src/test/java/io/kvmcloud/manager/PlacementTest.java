package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.TemplateView;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlacementTest {

    private static final Needs SMALL = new Needs("micro", new MemorySize(128), 1, "");

    private final Placement placement = new Placement();

    @Test
    void hostsTakeTurnsInTheOrderOfTheirNames() {
        List<Host> hosts = List.of(host("s10", 8192, 8), host("s2", 8192, 8), host("s1", 8192, 8));

        assertThat(Stream.generate(() -> chosen(hosts, SMALL, null)).limit(5))
                .containsExactly("s1", "s10", "s2", "s1", "s10");
    }

    @Test
    void theTurnGoesOnWhereItWasWhenHostsComeAndGo() {
        assertThat(chosen(List.of(host("s1", 8192, 8), host("s3", 8192, 8)), SMALL, null))
                .isEqualTo("s1");
        assertThat(chosen(List.of(host("s1", 8192, 8), host("s2", 8192, 8)), SMALL, null))
                .isEqualTo("s2");
        assertThat(chosen(List.of(host("s1", 8192, 8), host("s3", 8192, 8)), SMALL, null))
                .isEqualTo("s3");
    }

    @Test
    void hostsThatCannotTakeItAreSkipped() {
        List<Host> hosts = List.of(
                host("s1", 100, 8), host("s2", 8192, 0), away("s3"), offering("s4", Some.DEBIAN), host("s5", 128, 1));

        assertThat(Stream.generate(() -> chosen(hosts, SMALL, null)).limit(2)).containsExactly("s5", "s5");
    }

    @Test
    void theHostToAvoidIsTakenOnlyWhenThereIsNoOther() {
        ControllerName s1 = new ControllerName("s1");

        assertThat(chosen(List.of(host("s1", 8192, 8), host("s2", 8192, 8)), SMALL, s1))
                .isEqualTo("s2");
        assertThat(chosen(List.of(host("s1", 8192, 8), away("s2")), SMALL, s1)).isEqualTo("s1");
    }

    @Test
    void whenNoneCanTheAnswerHasAReasonForEachHost() {
        List<Host> hosts = List.of(host("s1", 1024, 8), host("s2", 8192, 1), away("s3"), offering("s4", Some.DEBIAN));

        Failure failure = refused(hosts, new Needs("micro", new MemorySize(4096), 2, ""));

        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.message()).isEqualTo("""
                        no controller can take 4096 MiB, 2 CPUs of template micro
                          s1: 1024 MiB free of 8192
                          s2: 1 CPUs free of 8
                          s3: not connected, last seen 12 s ago
                          s4: template micro not present""");
        assertThat(failure.hint()).contains("ask for less");
    }

    @Test
    void aHostThatDrainsGetsNothingAndHasItsTurnAgainAfterwards() {
        assertThat(Stream.generate(() -> chosen(List.of(draining("s1"), host("s2", 8192, 8)), SMALL, null))
                        .limit(3))
                .containsOnly("s2");
        assertThat(chosen(List.of(host("s1", 8192, 8), host("s2", 8192, 8)), SMALL, null))
                .isEqualTo("s1");
    }

    @Test
    void aHostThatDrainsIsNotTakenInsteadOfOneToAvoid() {
        List<Host> hosts = List.of(draining("s1"), host("s2", 8192, 8));

        assertThat(chosen(hosts, SMALL, new ControllerName("s2"))).isEqualTo("s2");
    }

    @Test
    void whenAllDrainTheAnswerSaysSoAndHowToEndIt() {
        Failure failure = refused(List.of(draining("s1"), draining("s2")), SMALL);

        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.message()).isEqualTo("""
                        no controller can take 128 MiB, 1 CPU of template micro
                          s1: draining
                          s2: draining""");
        assertThat(failure.hint()).isEqualTo("`kvm-cloud undrain s1` lets it take instances again");
    }

    @Test
    void whenSomeDrainAndTheOthersAreFullThereAreTwoWays() {
        Failure failure = refused(List.of(host("s1", 64, 8), draining("s2")), SMALL);

        assertThat(failure.message()).contains("s1: 64 MiB free of 8192", "s2: draining");
        assertThat(failure.hint()).startsWith("`kvm-cloud undrain s2`").contains("or ask for less");
    }

    @Test
    void nobodySaysThatThereIsNoSuchTemplateBeforeAllHaveToldWhatTheyOffer() {
        Host silent =
                new Host(Some.controller("s1", new Capacity(0, 0, 0, 0, 0)), false, true, Duration.ofSeconds(1), 0, 0);

        Failure failure = refused(List.of(silent, offering("s2", Some.DEBIAN)), SMALL);

        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message())
                .contains("s1: has not told yet what it offers")
                .contains("s2: template micro not present");
    }

    @Test
    void withoutAHostTheAnswerSaysHowToGetOne() {
        Failure failure = refused(List.of(), SMALL);

        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message()).isEqualTo("no controller is connected");
        assertThat(failure.hint()).contains("`kvm-cloud up`");
    }

    @Test
    void whenAllHostsAreGoneTheAnswerSaysSinceWhen() {
        assertThat(refused(List.of(away("s1"), away("s2")), SMALL).message())
                .isEqualTo("no controller is connected\n  s1: last seen 12 s ago\n  s2: last seen 12 s ago");
    }

    @Test
    void anUnknownTemplateIsNotFoundWithTheNearestAndAll() {
        Failure failure = refused(
                List.of(offering("s1", Some.MICRO, Some.DEBIAN)), new Needs("debain", new MemorySize(512), 1, ""));

        assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(failure.message()).isEqualTo("there is no template 'debain'");
        assertThat(failure.hint()).isEqualTo("did you mean debian? the templates are: debian, micro");
    }

    @Test
    void aTemplateThatOnlyAnAbsentHostHasIsNotCalledUnknown() {
        Failure failure = refused(List.of(away("s1"), offering("s2", Some.DEBIAN)), SMALL);

        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message()).contains("s1: not connected, last seen 12 s ago");
    }

    @Test
    void tooLittleMemoryForTheTemplateIsAMistakeOfTheCommandWhateverTheHosts() {
        Failure failure = refused(List.of(host("s1", 8192, 8)), new Needs("micro", new MemorySize(16), 1, ""));

        assertThat(failure.reason()).isEqualTo(Reason.INVALID);
        assertThat(failure.message()).isEqualTo("template micro needs at least 64 MiB, not 16 MiB");
    }

    private String chosen(List<Host> hosts, Needs needs, @Nullable ControllerName avoid) {
        return ((Placement.Choice.Chosen) placement.choose(among(hosts), needs, avoid))
                .controller()
                .value();
    }

    private Failure refused(List<Host> hosts, Needs needs) {
        return ((Placement.Choice.Nobody) placement.choose(among(hosts), needs, null)).failure();
    }

    private static Placement.Hosts among(List<Host> hosts) {
        List<Host> byName =
                hosts.stream().sorted(Comparator.comparing(Host::name)).toList();
        return new Placement.Hosts() {
            @Override
            public List<Host> hosts() {
                return byName;
            }

            @Override
            public Optional<Host> next(@Nullable ControllerName last, Predicate<Host> wanted) {
                List<Host> able = byName.stream().filter(wanted).toList();
                return able.stream()
                        .filter(host -> last == null || host.name().compareTo(last) > 0)
                        .findFirst()
                        .or(() -> able.stream().findFirst());
            }
        };
    }

    private static Host host(String name, long memoryFree, int cpusFree) {
        return new Host(
                Some.controller(name, new Capacity(8192, 0, 8, 0, 0), Some.MICRO),
                true,
                true,
                Duration.ZERO,
                memoryFree,
                cpusFree);
    }

    private static Host draining(String name) {
        return new Host(
                Some.controller(name, new Capacity(8192, 0, 8, 0, 0, true), Some.MICRO),
                true,
                true,
                Duration.ZERO,
                8192,
                8);
    }

    private static Host away(String name) {
        return new Host(
                Some.controller(name, new Capacity(8192, 0, 8, 0, 0), Some.MICRO),
                true,
                false,
                Duration.ofSeconds(12),
                8192,
                8);
    }

    private static Host offering(String name, TemplateView... templates) {
        return new Host(
                Some.controller(name, new Capacity(8192, 0, 8, 0, 0), templates), true, true, Duration.ZERO, 8192, 8);
    }
}
