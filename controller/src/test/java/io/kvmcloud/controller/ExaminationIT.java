package io.kvmcloud.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command.ExamineHost;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Finding.Severity;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller is told what is wrong with its host by its host: each test breaks something real, and mends it. */
@WithBroker
class ExaminationIT {

    private static final ControllerName S1 = new ControllerName("s1");

    @TempDir
    private static Path directory;

    private static HostUnderTest host;
    private static OneManager manager;

    @BeforeAll
    static void start(TestBroker broker) throws IOException {
        host = new HostUnderTest(broker, directory);
        manager = new OneManager(broker.address("kvm-manager"), S1);
        manager.awaitController();
    }

    @AfterAll
    static void stop() {
        manager.close();
        host.close();
    }

    @Test
    void aFullDiskIsFoundAlthoughNothingCanBeWrittenAnyMore() {
        host.disk().fill();
        try {
            assertThat(finding("disk")).satisfies(full -> {
                assertThat(full.severity()).isEqualTo(Severity.FAIL);
                assertThat(full.what())
                        .startsWith("0 MiB free of 64 MiB in " + host.disk().directory());
                assertThat(full.fix()).startsWith("make room there");
            });
        } finally {
            host.disk().makeRoom();
        }
    }

    @Test
    void aQemuThatWasBrokenByAnUpgradeIsFound() throws IOException {
        assertThat(finding("qemu").what()).startsWith("QEMU emulator version ");
        Path qemu = directory.resolve("bin/qemu-system-x86_64");
        String whole = Files.readString(qemu);
        host.breakQemu("symbol lookup error: undefined symbol");
        try {
            assertThat(finding("qemu")).satisfies(broken -> {
                assertThat(broken.severity()).isEqualTo(Severity.FAIL);
                assertThat(broken.what())
                        .isEqualTo(
                                "qemu-system-x86_64 does not work on this host: symbol lookup error: undefined symbol");
                assertThat(broken.fix()).startsWith("install QEMU: `sudo apt-get install");
            });
        } finally {
            Files.writeString(qemu, whole);
        }
    }

    @Test
    void aRangeOfPortsThatOtherProgramsHaveIsFound() throws IOException {
        List<ServerSocket> strangers = new ArrayList<>();
        try {
            for (int port : host.ports()) {
                ServerSocket stranger = new ServerSocket();
                strangers.add(stranger);
                stranger.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
            assertThat(finding("ports")).satisfies(taken -> {
                assertThat(taken.severity()).isEqualTo(Severity.FAIL);
                assertThat(taken.what())
                        .startsWith(
                                "0 SSH ports free of 40 between " + host.ports().getFirst());
                assertThat(taken.what()).containsPattern("\\(instances have \\d, other programs \\d+\\)");
                assertThat(taken.fix()).contains("--ssh-ports", "`ss -ltnp`");
            });
        } finally {
            for (ServerSocket stranger : strangers) {
                stranger.close();
            }
        }
        assertThat(finding("ports").severity()).isEqualTo(Severity.OK);
    }

    @Test
    void aTemplateThatWasReplacedUnderItsInstancesIsFound() throws IOException {
        var created =
                (Reply.InstanceCreated) manager.ask(new NewInstance("empty", MemorySize.ofMebibytes(64), 1, List.of()));
        assertThat(finding("instances").severity()).isEqualTo(Severity.OK);

        Files.write(host.templateDisk(), new byte[2 << 20]);

        assertThat(finding("instances")).satisfies(changed -> {
            assertThat(changed.severity()).isEqualTo(Severity.FAIL);
            assertThat(changed.what())
                    .startsWith("the template empty has changed since "
                            + created.instance().id() + " was made from it: ");
            assertThat(changed.fix()).startsWith("put the old file back");
        });
    }

    private static Finding finding(String check) {
        var examined = (Reply.HostExamined) manager.ask(new ExamineHost(S1));
        return examined.findings().stream()
                .filter(one -> one.check().equals(check))
                .findFirst()
                .orElseThrow();
    }
}
