package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.CommandFailed;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe in the real QEMU; what KVM does depends on the machine, so only the shape of its outcome is fixed. */
class AcceleratorIT {

    @TempDir
    private Path directory;

    @Test
    void theTranslatorPassesEveryStage() {
        assertThat(AcceleratorProbe.run(Accelerator.Kind.TCG)).isEmpty();
    }

    @Test
    void theProbeOfKvmComesToAnEndWhateverItIs() {
        long before = System.nanoTime();
        String outcome = AcceleratorProbe.run(Accelerator.Kind.KVM);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(outcome).matches("|it fails at (the very start|the end|stage \\d of 7, .*) \\(.+\\)");
    }

    @Test
    void autoSaysWhyItIsNotKvm() {
        Accelerator chosen = Accelerator.choose("auto", directory);
        assertThat(chosen.note().isEmpty()).isEqualTo(chosen.kind() == Accelerator.Kind.KVM);
        if (chosen.kind() == Accelerator.Kind.TCG) {
            assertThat(chosen.note()).startsWith("no KVM: ");
            assertThatThrownBy(() -> Accelerator.choose("kvm", directory))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageStartingWith("KVM is demanded and does not work here: ");
        }
    }

    @Test
    void tcgIsTakenUnasked() {
        assertThat(Accelerator.choose("tcg", directory).kind()).isEqualTo(Accelerator.Kind.TCG);
    }

    @Test
    void anUnknownAcceleratorIsRefused() {
        assertThatThrownBy(() -> Accelerator.choose("xen", directory))
                .isInstanceOf(CommandFailed.class)
                .hasMessage("there is no accelerator 'xen'");
    }
}
