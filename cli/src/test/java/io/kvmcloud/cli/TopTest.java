package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.cli.TopFrame.TopHost;
import io.kvmcloud.cli.TopFrame.TopInstance;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.GuestUse;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply.HostMeasured;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TopTest {

    private static final InstanceId ID = InstanceId.parse("s1/1000");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void howBusyAGuestIsIsWhatItHasUsedSinceTheLookBefore() {
        var gauge = gauge();
        cloud.measured = measured(NOW, 10_000);
        assertThat(first(gauge).cpuPercent()).isZero();

        cloud.measured = measured(NOW.plusMillis(2000), 13_001);
        assertThat(first(gauge).cpuPercent()).isEqualTo(150.1);

        cloud.measured = measured(NOW.plusMillis(4000), 20); // it was started anew
        assertThat(first(gauge).cpuPercent()).isZero();
    }

    @Test
    void aHostThatDoesNotTellIsShownWithoutLoad() {
        cloud.measured = null;

        TopFrame frame = gauge().look();

        assertThat(frame.hosts()).extracting(TopHost::status).containsExactly("UP", "UNREACHABLE");
        assertThat(frame.hosts()).extracting(TopHost::measured).containsOnly(false);
        assertThat(frame.instances()).extracting(TopInstance::measured).containsOnly(false);
        assertThat(TopView.text(frame)).contains("s1    -     1024/8192").contains("s1/1000  -     -    64");
    }

    @Test
    void aFrameFitsItsWindowAndSaysHowMuchDoesNot() {
        TopFrame frame = new TopFrame(
                NOW,
                IntStream.range(0, 30)
                        .mapToObj(i -> new TopHost(
                                "host" + i, "UNREACHABLE", "tcg", true, 12.34, 8, 123_456, 23_456, 128, 100, 3, 61.4))
                        .toList(),
                IntStream.range(0, 500)
                        .mapToObj(i -> new TopInstance(
                                "host1/" + (10_000 + i), "web-" + i, "ONLINE", true, 99.9, 1024, 4096, 16))
                        .toList());

        List<String> lines = TopView.lines(frame, "", new RawTerminal.Size(24, 60));

        assertThat(lines).hasSize(24).allMatch(line -> line.length() <= 60);
        assertThat(lines).contains("… 25 more", "… 487 more");
        assertThat(TopView.lines(frame, "", new RawTerminal.Size(3, 20)))
                .hasSizeLessThanOrEqualTo(3)
                .allMatch(line -> line.length() <= 20);
    }

    @Test
    void anOldFrameSaysWhyItIsOld() {
        TopFrame frame = gauge().look();

        assertThat(TopView.lines(frame, "no manager is running", new RawTerminal.Size(24, 80))
                        .getFirst())
                .endsWith("  no manager is running");
    }

    private TopGauge gauge() {
        return new TopGauge(CommandLine.populateCommand(new Cloud(cloud)));
    }

    private static TopInstance first(TopGauge gauge) {
        return gauge.look().instances().getFirst();
    }

    private static HostMeasured measured(Instant at, long cpuMillis) {
        return new HostMeasured(
                new ControllerName("s1"), at, 0.5, 2, List.of(new GuestUse(ID, cpuMillis, 246)), List.of());
    }
}
