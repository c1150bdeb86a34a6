package io.kvmcloud.controller.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.ImportProgress;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.Leftover.Kind;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Sha256;
import io.kvmcloud.messages.TemplateCheck;
import io.kvmcloud.messages.TemplateCheck.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportedTemplatesTest {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final int SIZE = 3_000_000;
    private static final byte[] DISK = bytes(1);
    private static final String SUM = Sha256.of(DISK);

    @TempDir
    private Path directory;

    private final WebServer web = new WebServer(DISK);
    private Path root;
    private Templates templates;
    private ImportedTemplates imported;

    @BeforeEach
    void open() throws IOException {
        root = directory.resolve("templates");
        Path byHand = Files.createDirectories(directory.resolve("hand/own"));
        Files.write(byHand.resolve("disk.img"), new byte[1024]);
        Files.writeString(byHand.resolve("template.json"), "{\"disk\": \"disk.img\"}");
        templates = Templates.open(List.of(directory.resolve("hand"), root), directory.resolve("cache"));
        imported = new ImportedTemplates(root, templates);
    }

    @AfterEach
    void close() {
        web.close();
    }

    @Test
    void anImageBecomesATemplateAndTheSameAgainFetchesNothing() throws Exception {
        assertThat(imported.make(disk("mine", SUM))).isTrue();

        Template mine = templates.get("mine");
        assertThat(mine.disk()).hasBinaryContent(DISK);
        assertThat(mine.diskSha256()).isEqualTo(SUM);
        assertThat(mine.login()).isEqualTo("me");
        assertThat(mine.minimumMemory()).isEqualTo(MemorySize.ofMebibytes(96));
        assertThat(imported.make(disk("mine", SUM))).isFalse();
        assertThat(web.asked).containsExactly("all");
    }

    @Test
    void howMuchHasComeIsToldUntilAllHas() {
        CountDownLatch seen = new CountDownLatch(1);
        web.breaksAfter = 1_000_000;
        web.breaksWhen = () -> seen.getCount() == 0;
        CompletableFuture<Boolean> making = CompletableFuture.supplyAsync(() -> imported.make(disk("mine", SUM)));

        await().until(imported::progress, List.of(new ImportProgress("mine", 1_000_000, SIZE))::equals);
        web.breaksAfter = Integer.MAX_VALUE;
        seen.countDown();

        assertThat(making.join()).isTrue();
        assertThat(imported.progress()).isEmpty();
    }

    @Test
    void anImageOfWhichNoDigestIsKnownIsFetchedToSeeWhetherItIsTheSame() {
        assertThat(imported.make(disk("mine", ""))).isTrue();
        assertThat(imported.make(disk("mine", ""))).isFalse();
        assertThat(web.asked).containsExactly("all", "all");
    }

    @Test
    void aKernelWithItsRootFileSystemIsOneTemplateOfThreeFiles() {
        List<Image> images = Stream.of(Role.ROOTFS, Role.KERNEL, Role.INITRD)
                .map(role -> new Image(role, web.url(), SUM))
                .toList();
        imported.make(
                new ImportTemplate(S1, "mine", images, "root=/dev/vda", "", "", MemorySize.ofMebibytes(64), true));
        assertThat(templates.get("mine").boot())
                .isInstanceOfSatisfying(
                        Template.Boot.Kernel.class,
                        kernel -> assertThat(kernel.commandLine()).isEqualTo("root=/dev/vda"));
        assertThat(templates.verify("mine").getFirst().state()).isEqualTo(State.OK);
    }

    @Test
    void aDownloadThatBreaksOffGoesOnWhereItWas() {
        web.breaksAfter = 2_000_000;
        web.breaksWhen = () -> root.resolve(".store/" + SUM + ".part").toFile().length() == web.breaksAfter;
        imported.make(disk("mine", SUM));
        assertThat(web.asked).containsExactly("all", "bytes=2000000-");
        assertThat(templates.get("mine").disk()).hasBinaryContent(DISK);
    }

    @Test
    void whatAnEarlierLifeFetchedIsNotFetchedAgain() throws Exception {
        Path store = Files.createDirectories(root.resolve(".store"));
        Files.write(store.resolve(SUM + ".part"), java.util.Arrays.copyOf(DISK, 1_234_567));
        imported.make(disk("mine", SUM));
        assertThat(web.asked).containsExactly("bytes=1234567-");
        assertThat(templates.get("mine").disk()).hasBinaryContent(DISK);
    }

    @Test
    void whatAnEarlierLifeFetchedOfSomethingElseIsFetchedAnew() throws Exception {
        Path store = Files.createDirectories(root.resolve(".store"));
        Files.write(store.resolve(SUM + ".part"), new byte[1_234_567]);
        imported.make(disk("mine", SUM));
        assertThat(web.asked).containsExactly("bytes=1234567-", "all");
        assertThat(templates.get("mine").disk()).hasBinaryContent(DISK);
    }

    @Test
    void twoVersionsOfAFileAreNeverMixed() {
        web.breaksAfter = 2_000_000;
        Thread.ofVirtual().start(() -> {
            while (web.asked.isEmpty()) {
                Thread.onSpinWait();
            }
            web.file = bytes(2);
            web.tag = "\"2\"";
            web.breaksAfter = Integer.MAX_VALUE;
        });
        imported.make(disk("mine", ""));
        assertThat(Sha256.of(web.file)).isEqualTo(templates.get("mine").diskSha256());
    }

    @Test
    void twoWhoWantTheSameImageAtATimeFetchItOnce() {
        try (var threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var both = Stream.of("mine", "yours")
                    .map(name -> CompletableFuture.supplyAsync(() -> imported.make(disk(name, SUM)), threads))
                    .toList();
            assertThat(both).allMatch(CompletableFuture::join);
        }
        assertThat(web.asked).containsExactly("all");
    }

    @Test
    void anImageOfAnotherDigestIsRefusedAndNothingOfItStays() throws Exception {
        String other = Sha256.of(new byte[1]);
        assertRefused(disk("mine", other), "its sha256 is " + SUM + ", not " + other);
        assertThat(files()).isEmpty();
        assertThat(templates.knows("mine")).isFalse();
    }

    @Test
    void aQcow2ThatWouldReadAFileOfTheHostIsRefusedAndNothingOfItStays() throws Exception {
        web.file = ByteBuffer.allocate(65536)
                .put(new byte[] {'Q', 'F', 'I', (byte) 0xfb})
                .putInt(4, 3)
                .putLong(8, 1024)
                .putInt(16, 11)
                .putInt(20, 16)
                .putLong(24, 1 << 20)
                .putInt(100, 104)
                .put(1024, "/etc/shadow".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .array();
        assertRefused(disk("mine", ""), "it is a qcow2 on a backing file");
        assertThat(files()).noneMatch(file -> file.endsWith(".part") || !file.contains("."));
        assertThat(templates.knows("mine")).isFalse();
    }

    @Test
    void aServerThatGoesAwayMeanwhileIsSaidToHaveGoneAndWhatHasComeStays() throws Exception {
        Path part =
                Files.write(Files.createDirectories(root.resolve(".store")).resolve(SUM + ".part"), new byte[2 << 20]);
        ImportTemplate mine = disk("mine", SUM);
        web.close();

        assertThatThrownBy(() -> imported.make(mine))
                .hasMessageContaining("nobody answers there any more, after 2 MiB")
                .extracting(failed -> ((CommandFailed) failed).failure().hint())
                .isEqualTo("the same import again goes on with it");
        assertThat(part).hasSize(2 << 20);
    }

    @Test
    void aServerThatSaysNoIsQuoted() {
        assertThatThrownBy(() -> imported.make(
                        make("mine", new Image(Role.DISK, web.url().replace("image", "x"), ""))))
                .hasMessageContaining("/x answers 404")
                .extracting(failed -> ((CommandFailed) failed).failure().hint())
                .isEqualTo("check the address, and what that server has");
    }

    @Test
    void aNameThatIsTakenByOtherFilesStaysAsItIs() {
        imported.make(disk("mine", SUM));
        web.file = bytes(2);
        assertRefused(disk("mine", ""), "template mine is there already, of other files");
        assertRefused(disk("own", SUM), "template own is there already, put into a template directory");
        assertThat(templates.get("mine").diskSha256()).isEqualTo(SUM);
    }

    @Test
    void settingsThatMakeNoTemplateAreRefusedWithTheMistake() {
        assertRefused(
                new ImportTemplate(
                        S1,
                        "mine",
                        List.of(new Image(Role.DISK, web.url(), SUM)),
                        "",
                        "",
                        "not a user",
                        MemorySize.ofMebibytes(64),
                        true),
                "template.json: login.user must be a user name");
        assertThat(templates.knows("mine")).isFalse();
    }

    @Test
    void whatACrashLeftIsNoTemplateAndTheNextImportOfItSucceeds() throws Exception {
        imported.make(disk("other", SUM));
        Path half = Files.createDirectories(root.resolve(".mine.new"));
        Files.writeString(half.resolve("template.json"), "{");
        assertThat(templates.knows("mine")).isFalse();
        assertThat(imported.make(disk("mine", SUM))).isTrue();
        assertThat(templates.get("mine").diskSha256()).isEqualTo(SUM);
    }

    @Test
    void anImageStaysWhenItsTemplateGoesUntilWhatNobodyNeedsIsRemoved() throws Exception {
        imported.make(disk("mine", SUM));
        imported.make(disk("yours", SUM));
        imported.remove("mine");
        assertThat(templates.knows("mine")).isFalse();
        assertThat(imported.tidy(false)).isEmpty();
        assertThat(templates.verify("yours").getFirst().state()).isEqualTo(State.OK);

        imported.remove("yours");
        assertThat(imported.unneeded()).isEqualTo(SIZE);
        assertThat(imported.tidy(true)).containsExactly(new Leftover(Kind.IMAGE, SUM, SIZE));
        assertThat(imported.make(disk("mine", SUM))).isTrue();
        assertThat(web.asked).hasSize(1);

        imported.remove("mine");
        imported.tidy(false);
        assertThat(files()).isEmpty();
    }

    @Test
    void whatWasBegunIsToldAndRemoved() throws Exception {
        Files.createDirectories(root.resolve(".mine.new"));
        Files.write(root.resolve(".mine.new/disk.img"), new byte[100]);
        Files.createDirectories(root.resolve(".store"));
        Files.write(root.resolve(".store/" + SUM + ".part"), new byte[10]);
        assertThat(imported.tidy(false))
                .containsExactly(new Leftover(Kind.IMPORT, SUM, 10), new Leftover(Kind.IMPORT, "mine", 100));
        assertThat(files()).isEmpty();
        assertThat(root.resolve(".mine.new")).doesNotExist();
    }

    @Test
    void aByteThatChangedUnnoticedIsFoundByReadingAndPutRightByTheSameImport() throws Exception {
        imported.make(disk("mine", SUM));
        assertThat(templates.verify(""))
                .extracting(TemplateCheck::template, TemplateCheck::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("mine", State.OK),
                        org.assertj.core.groups.Tuple.tuple("own", State.OK));
        Path disk = templates.get("mine").disk();
        FileTime before = Files.getLastModifiedTime(disk);
        Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rw-------"));
        byte[] rotten = DISK.clone();
        rotten[77] ^= 1;
        Files.write(disk, rotten);
        Files.setLastModifiedTime(disk, before);
        assertThat(templates.offers("mine")).as("nobody has looked").isTrue();

        assertThat(templates.verify("mine"))
                .singleElement()
                .satisfies(check -> assertThat(check.state()).isEqualTo(State.DAMAGED))
                .satisfies(check -> assertThat(check.note()).contains("disk.img is damaged or was changed"));
        assertThat(templates.offers("mine")).isFalse();
        assertThat(imported.make(disk("mine", SUM))).isTrue();
        assertThat(templates.get("mine").disk()).hasBinaryContent(DISK);
    }

    @Test
    void aTemplateThatIsNotThereIsMissing() {
        assertThat(templates.verify("nothing"))
                .containsExactly(new TemplateCheck("nothing", State.MISSING, "", 0, "not present"));
    }

    private ImportTemplate disk(String name, String sha256) {
        return make(name, new Image(Role.DISK, web.url(), sha256));
    }

    private static ImportTemplate make(String name, Image image) {
        return new ImportTemplate(S1, name, List.of(image), "", "Mine", "me", MemorySize.ofMebibytes(96), true);
    }

    private void assertRefused(ImportTemplate wanted, String why) {
        assertThatThrownBy(() -> imported.make(wanted))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining(why);
    }

    /** Those in the store. */
    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(root.resolve(".store"))) {
            return all.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static byte[] bytes(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
