package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.messages.UserData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others read from our seed: util-linux, dosfstools and mtools. */
class SeedIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI \"a\" {b}: é";

    @TempDir
    private Path directory;

    @Test
    void blkidFindsALabelInLowerCase() throws Exception {
        Path image = seed(List.of(KEY));
        assertThat(run("/usr/sbin/blkid", "-p", "-o", "export", image.toString()))
                .contains("TYPE=vfat", "LABEL=cidata", "LABEL_FATBOOT=cidata");
    }

    @Test
    void theFileSystemIsWithoutFault() throws Exception {
        assertThat(run("/usr/sbin/fsck.vfat", "-n", seed(List.of(KEY)).toString()))
                .contains("3 files, 2/");
    }

    @Test
    void theFilesSayWhoTheInstanceIs() throws Exception {
        Path image = seed(List.of(KEY));
        JsonNode identity = new ObjectMapper().readTree(run("mtype", "-i", image.toString(), "::/meta-data"));
        assertThat(identity.path("instance-id").asText())
                .isEqualTo(spec().uuid().toString());
        assertThat(identity.path("local-hostname").asText()).isEqualTo("s2-2000");
        assertThat(identity.path("public-keys").path(0).asText()).isEqualTo(KEY);
        String userData = run("mtype", "-i", image.toString(), "::/user-data");
        assertThat(userData).startsWith("#cloud-config\n");
        assertThat(new ObjectMapper()
                        .readTree(userData.substring(userData.indexOf('{')))
                        .path("ssh_authorized_keys")
                        .path(0)
                        .asText())
                .isEqualTo(KEY);
    }

    @Test
    void aPersonsUserDataIsThereAsItIs() throws Exception {
        UserData theirs = new UserData("#!/bin/sh\necho \"é\"");
        Path image = Files.write(directory.resolve("seed.img"), Seed.image(spec(), List.of(KEY), theirs));
        assertThat(run("mtype", "-i", image.toString(), "::/user-data")).isEqualTo(theirs.text());
        assertThat(run("mtype", "-i", image.toString(), "::/meta-data")).contains("public-keys");
    }

    @Test
    void twentyOfTheLongestKeysAndTheLargestUserDataFit() throws Exception {
        String longest = "ssh-rsa " + "A".repeat(8184);
        UserData largest = new UserData("x".repeat(UserData.MOST_BYTES));
        Path image = Files.write(
                directory.resolve("seed.img"), Seed.image(spec(), Collections.nCopies(20, longest), largest));
        assertThat(run("/usr/sbin/fsck.vfat", "-n", image.toString())).contains("3 files");
        assertThat(run("mtype", "-i", image.toString(), "::/meta-data")).contains(longest);
    }

    @Test
    void theSameInstanceHasTheSameSeed() throws Exception {
        assertThat(Seed.image(spec(), List.of(), UserData.NONE))
                .isEqualTo(Seed.image(spec(), List.of(), UserData.NONE));
    }

    @Test
    void whatDoesNotFitIsRefusedAndNotCutShort() {
        FatImage.Entry large = new FatImage.Entry("user-data", new byte[3 << 20]);
        assertThatThrownBy(() -> FatImage.of("cidata", 1, List.of(large))).hasMessageContaining("2 MB");
    }

    private Path seed(List<String> keys) throws Exception {
        return Files.write(directory.resolve("seed.img"), Seed.image(spec(), keys, UserData.NONE));
    }

    private GuestSpec spec() {
        return GuestBench.spec(directory, GuestBench.diskTemplate(directory), 0);
    }

    private static String run(String... line) {
        ExternalProgram.Ended ended = ExternalProgram.run(List.of(line), LIMIT);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return ended.output();
    }
}
