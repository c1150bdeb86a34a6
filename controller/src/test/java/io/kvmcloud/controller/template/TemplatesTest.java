package io.kvmcloud.controller.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplatesTest {

    /** Of 1024 zero bytes. */
    private static final String SUM = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

    @TempDir
    private Path directory;

    private Path room;

    @BeforeEach
    void makeRoom() throws IOException {
        room = Files.createDirectory(directory.resolve("templates"));
    }

    @Test
    void aTemplateWithAKernelIsReadWhole() throws Exception {
        Path home = write("micro", """
                {"name": "micro", "description": "small", "kernel": "vmlinux", "initrd": "initrd",
                 "commandLine": "root=/dev/vda", "rootfs": "rootfs.img",
                 "login": {"user": "cirros", "password": "cubswin:)"}, "minimumMemory": "72M", "seed": false,
                 "sha256": {"rootfs.img": "%s"}}
                """.formatted(SUM));
        for (String file : List.of("vmlinux", "initrd", "rootfs.img")) {
            Files.write(home.resolve(file), new byte[1024]);
        }
        Path real = home.toRealPath();
        assertThat(open().get("micro"))
                .isEqualTo(new Template(
                        "micro",
                        "small",
                        new Template.Boot.Kernel(real.resolve("vmlinux"), real.resolve("initrd"), "root=/dev/vda"),
                        real.resolve("rootfs.img"),
                        "raw",
                        "cirros",
                        MemorySize.ofMebibytes(72),
                        false,
                        SUM,
                        "",
                        "",
                        3072));
    }

    @Test
    void aDiskThatBootsItselfNeedsNothingButTheDisk() throws Exception {
        Files.write(write("own", "{\"disk\": \"disk.img\"}").resolve("disk.img"), new byte[1024]);
        Template own = open().get("own");
        assertThat(own.boot()).isEqualTo(new Template.Boot.Disk());
        assertThat(own.login()).isEmpty();
        assertThat(own.minimumMemory()).isEqualTo(MemorySize.ofMebibytes(64));
        assertThat(own.seed()).isTrue();
        assertThat(own.diskSha256()).isEmpty();
    }

    @Test
    void allMistakesOfAFileAreToldAtOnce() throws Exception {
        write("bad", """
                {"name": "good", "kernal": "vmlinux", "description": 7, "kernel": "../vmlinux", "rootfs": "rootfs.img",
                 "login": {"usr": "x"}, "minimumMemory": "much", "seed": "yes", "sha256": {"x": "12", "other": "%s"}}
                """.formatted(SUM));
        assertRefused(
                "bad",
                "bad/template.json: unknown field kernal: did you mean kernel?",
                "name is 'good', but the directory is bad",
                "description must be text in quotes, not 7",
                "kernel: ../vmlinux is outside the template's directory",
                "rootfs: rootfs.img is missing",
                "unknown field login.usr: did you mean login.user?",
                "login.user must be a user name",
                "minimumMemory: 'much' is not a size",
                "seed must be true or false, not \"yes\"",
                "sha256 of x must be 64 hexadecimal digits",
                "sha256 has other, which is none of the template's files");
    }

    @Test
    void aTemplateWithAMistakeDoesNotTakeTheOthersWithIt() throws Exception {
        write("bad", "{\"disk\": ");
        Files.write(write("own", "{\"disk\": \"disk.img\"}").resolve("disk.img"), new byte[1024]);
        assertThat(open().all()).extracting(Template::name).containsExactly("own");
        assertRefused("bad", "cannot be read: line 1, column 10: Unexpected end-of-input");
    }

    @Test
    void aMistakeInAFileIsToldWithoutRemarksOfTheLibraryThatReadIt() throws Exception {
        write("bad", "{");
        assertRefused("bad", "cannot be read: line 1, column 2: Unexpected end-of-input");
        assertThatThrownBy(() -> open().get("bad")).message().doesNotContain("start marker");
    }

    @Test
    void eitherAKernelOrADiskAndNotBoth() throws Exception {
        write("none", "{\"name\": \"none\"}");
        write("both", "{\"disk\": \"d\", \"kernel\": \"k\", \"commandLine\": \"quiet\"}");
        assertRefused("none", "write either kernel and rootfs, or disk");
        assertRefused("both", "disk boots itself and goes without kernel, commandLine");
    }

    @Test
    void aDamagedFileIsNotedWhenItIsReadAndWhenItChangesLater() throws Exception {
        Path home = write("own", "{\"disk\": \"disk.img\", \"sha256\": {\"disk.img\": \"" + SUM + "\"}}");
        Files.write(home.resolve("disk.img"), new byte[1024]);
        Templates templates = open();
        assertThat(templates.get("own").diskSha256()).isEqualTo(SUM);
        Files.write(home.resolve("disk.img"), new byte[1025]);
        assertThatThrownBy(() -> templates.get("own"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("disk.img is damaged or was changed: its sha256 is ")
                .hasMessageContaining("not " + SUM);
    }

    @Test
    void anUnchangedFileIsNotReadThroughAgain() throws Exception {
        Path home = write("own", "{\"disk\": \"disk.img\", \"sha256\": {\"disk.img\": \"" + SUM + "\"}}");
        Files.write(home.resolve("disk.img"), new byte[1024]);
        open();
        Path cache = directory.resolve("cache/checksums.json");
        Files.writeString(cache, Files.readString(cache).replace(SUM, "0".repeat(64)));
        assertRefused("own", "its sha256 is 000000");
        Files.writeString(cache, "damaged");
        assertThat(open().get("own")).isNotNull();
    }

    @Test
    void aTemplateThatComesOrGoesLaterIsNoticed() throws Exception {
        Templates templates = Templates.open(List.of(room, directory.resolve("later")), directory.resolve("cache"));
        assertThat(templates.all()).isEmpty();
        Path home = write("own", "{\"disk\": \"disk.img\"}");
        assertThatThrownBy(() -> templates.get("own")).hasMessageContaining("disk.img is missing");
        Files.write(home.resolve("disk.img"), new byte[1024]);
        assertThat(templates.get("own")).isNotNull();

        room = Files.createDirectory(directory.resolve("later"));
        Files.write(write("second", "{\"disk\": \"disk.img\"}").resolve("disk.img"), new byte[1024]);
        assertThat(templates.all()).extracting(Template::name).containsExactly("own", "second");

        Files.delete(home.resolve("template.json"));
        assertThat(templates.all()).extracting(Template::name).containsExactly("second");
    }

    @Test
    void ofTwoOfTheSameNameTheFirstDirectoryCounts() throws Exception {
        Files.write(
                write("own", "{\"description\": \"first\", \"disk\": \"d\"}").resolve("d"), new byte[1024]);
        Path first = room;
        room = Files.createDirectory(directory.resolve("other"));
        Files.write(
                write("own", "{\"description\": \"second\", \"disk\": \"d\"}").resolve("d"), new byte[1024]);
        Templates templates = Templates.open(List.of(first, room), directory.resolve("cache"));
        assertThat(templates.get("own").description()).isEqualTo("first");
    }

    @Test
    void anUnknownNameGetsTheNearestOneAndTheList() throws Exception {
        Files.write(write("micro", "{\"disk\": \"d\"}").resolve("d"), new byte[1024]);
        Files.write(write("debian", "{\"disk\": \"d\"}").resolve("d"), new byte[1024]);
        assertThatThrownBy(() -> open().get("mirco")).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.failure().reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(failed.failure().message())
                    .isEqualTo("there is no template 'mirco': this host has debian, micro");
            assertThat(failed.failure().hint()).isEqualTo("did you mean micro?");
        });
        assertThatThrownBy(() -> open().get("x\u001b[2J" + "y".repeat(100))).hasMessageContaining("'x?[2Jyyy");
    }

    @Test
    void aNameThatIsNoTemplatesNameIsRefused() throws Exception {
        Files.write(write("My Disk", "{\"disk\": \"d\"}").resolve("d"), new byte[1024]);
        assertRefused("My Disk", "rename the directory My Disk");
    }

    @Test
    void directoriesWithoutATemplateFileAndHiddenOnesAreLeftAlone() throws Exception {
        Files.createDirectory(room.resolve("something"));
        write(".building", "{\"disk\": ");
        Templates templates = open();
        assertThat(templates.all()).isEmpty();
        assertThatThrownBy(() -> templates.get(".building")).hasMessageContaining("there is no template");
    }

    @Test
    void noFileOfTheHostCanBeBorrowed() throws Exception {
        Files.write(directory.resolve("secret"), new byte[1024]);
        Path home = write("link", "{\"disk\": \"d\"}");
        Files.createSymbolicLink(home.resolve("d"), directory.resolve("secret"));
        assertRefused("link", "disk: d leads out of the template's directory, to ");
        write("absolute", "{\"disk\": \"" + directory.resolve("secret") + "\"}");
        assertRefused("absolute", "is outside the template's directory");
        write("device", "{\"disk\": \"/dev/zero\"}");
        assertRefused("device", "is outside the template's directory");
        Files.createDirectory(write("folder", "{\"disk\": \"d\"}").resolve("d"));
        assertRefused("folder", "d is no file");
        Files.createFile(write("empty", "{\"disk\": \"d\"}").resolve("d"));
        assertRefused("empty", "d is empty");
    }

    @Test
    void aLinkToATemplateElsewhereIsFine() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("template.json"), "{\"disk\": \"d\"}");
        Files.write(elsewhere.resolve("d"), new byte[1024]);
        Files.createSymbolicLink(room.resolve("linked"), elsewhere);
        assertThat(open().get("linked").disk()).isEqualTo(elsewhere.toRealPath().resolve("d"));
    }

    @Test
    void aFileThatIsNoObjectOrFarTooLongIsRefused() throws Exception {
        write("list", "[1, 2]");
        assertRefused("list", "it is not a JSON object");
        write("long", "{\"description\": \"" + "x".repeat(70_000) + "\"}");
        assertRefused("long", "it has more than 65536 bytes");
        write("twice", "{\"disk\": \"a\", \"disk\": \"b\"}");
        assertRefused("twice", "line 1, column 21: Duplicate field 'disk'");
    }

    private Path write(String name, String json) throws IOException {
        Path home = Files.createDirectory(room.resolve(name));
        Files.writeString(home.resolve("template.json"), json);
        return home;
    }

    private Templates open() {
        return Templates.open(List.of(room), directory.resolve("cache"));
    }

    private void assertRefused(String name, String... mistakes) {
        assertThatThrownBy(() -> open().get(name)).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.failure().reason()).isEqualTo(Reason.REFUSED);
            assertThat(failed.failure().message()).contains(mistakes);
        });
    }
}
