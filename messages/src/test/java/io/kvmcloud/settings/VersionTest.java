package io.kvmcloud.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionTest {

    @Test
    void theVersionIsTheOneThatMavenBuilt() {
        assertThat(Version.current()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(new Version().getVersion()).containsExactly("kvm-cloud " + Version.current());
    }
}
