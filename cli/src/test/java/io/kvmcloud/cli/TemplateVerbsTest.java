package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.Command.RemoveTemplate;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.ImportProgress;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.HostMeasured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What hosts have of templates and what is done to them there, as it is typed. */
class TemplateVerbsTest {

    private static final String SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"; // of "test"

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void templatesAreListedAsInTheSeed() {
        assertThat(type("templates").out()).isEqualTo("- cirros (CirrOS is a tiny OS)\n");
        assertThat(type("templates", "-f", "json").out()).isEqualTo("""
                        [ {
                          "name" : "cirros",
                          "description" : "CirrOS is a tiny OS",
                          "minimumMemory" : 64,
                          "login" : "cirros",
                          "digest" : "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                          "bytes" : 31457280,
                          "warm" : true,
                          "controllers" : [ "s1" ]
                        } ]
                        """);
    }

    @Test
    void aTemplateIsShownWithWhatEachHostHasOfIt() {
        assertThat(type("template", "show", "cirros").out()).isEqualTo("""
                        template     cirros
                        description  CirrOS is a tiny OS
                        least RAM    64 MiB
                        login        cirros
                        copied       yes

                        host       size    digest        kept to be copied
                        s1         30 MiB  9f86d081884c  128M/1 (144 MiB)
                                                         2048M/2 (2.0 GiB)
                        s2 (away)  30 MiB  9f86d081884c  -
                        """);
        assertThat(type("template", "show", "cirros", "-f", "json").out())
                .contains("\"controller\" : \"s2\"", "\"bytes\" : 150994944", "\"reachable\" : false");
        Typed unknown = type("template", "show", "cirros2");
        assertThat(unknown.exit()).isEqualTo(3);
        assertThat(unknown.err())
                .startsWith("kvm-cloud: no controller offers a template 'cirros2'; there are cirros\n"
                        + "  hint: did you mean `kvm-cloud template show cirros`?");
    }

    @Test
    void aTemplateIsWarmedOnEachHostAndEachSaysWhatCameOfIt() {
        Typed warmed = type("template", "warm", "cirros", "--cpus", "2");

        assertThat(warmed.out()).isEqualTo("s1: made in 4.2 s, 144 MiB\n");
        assertThat(warmed.err()).startsWith("kvm-cloud: controller s2 is not connected\n");
        assertThat(warmed.exit()).isEqualTo(4);
        MemorySize asLaunch = MemorySize.ofMebibytes(128);
        assertThat(cloud.asked)
                .contains(
                        new WarmTemplate(new ControllerName("s1"), "cirros", asLaunch, 2, true),
                        new WarmTemplate(new ControllerName("s2"), "cirros", asLaunch, 2, true));
        assertThat(type("template", "warm", "cirros", "--on", "s1", "--no-wait", "--memory", "1G"))
                .isEqualTo(new Typed(0, "s1: is being made\n", ""));
        assertThat(type("template", "warm", "cirros", "--on", "s1", "-f", "json")
                        .out())
                .contains("\"outcome\" : \"MADE\"", "\"millis\" : 4210", "\"op\" : ");
        assertThat(type("template", "warm", "cirrus").exit()).isEqualTo(3);
        assertThat(type("template").exit()).isEqualTo(2);
    }

    @Test
    void verifyHasARowForEachHostAndFailsWhenOneIsDamagedOrAway() {
        Typed all = type("template", "verify");
        assertThat(all.out()).isEqualTo("""
                host  template  state    digest        size    note
                s1    cirros    OK       9f86d081884c  30 MiB  -
                s1    old       DAMAGED  -             -       disk is missing
                """);
        assertThat(all.err()).contains("controller s2 is not connected");
        assertThat(all.exit()).isEqualTo(4);
        assertThat(type("template", "verify", "--on", "s1").exit()).isEqualTo(1);
        assertThat(type("template", "verify", "cirros", "--on", "s1").exit()).isZero();
    }

    @Test
    void verifyTellsWhichHostLacksATemplateAndWhetherHostsDiffer() {
        cloud.templates.digestOnS2 = SUM;
        assertThat(type("template", "verify").out()).contains("s2    old       MISSING");
        assertThat(type("template", "verify", "cirros").exit()).isZero();
        cloud.templates.digestOnS2 = "0".repeat(64);
        Typed differ = type("template", "verify", "cirros");
        assertThat(differ.err()).isEqualTo("the hosts have different files under the name cirros\n");
        assertThat(differ.exit()).isEqualTo(1);
    }

    @Test
    void aTemplateThatNobodyHasIsNotFound() {
        Typed unknown = type("template", "verify", "cirrus", "--on", "s1");
        assertThat(unknown.err()).contains("no controller offers a template 'cirrus'");
        assertThat(unknown.exit()).isEqualTo(3);
        assertThat(type("template", "rm", "cirrus").exit()).isEqualTo(3);
    }

    @Test
    void aTemplateInUseIsRemovedFromNoHost() {
        Typed refused = type("template", "rm", "cirros");
        assertThat(refused.err())
                .startsWith("kvm-cloud: template cirros is in use by s1/1000, s2/2000; nothing was removed\n");
        assertThat(refused.exit()).isEqualTo(6);
        assertThat(cloud.asked).noneMatch(RemoveTemplate.class::isInstance);
    }

    @Test
    void whoAsksAgainUnderAnIdGetsTheFirstAnswerAlthoughTheTemplateIsGone() {
        Typed again = type("template", "rm", "gone", "--op-id", "mine");
        assertThat(again.out()).startsWith("s1: removed");
        assertThat(cloud.asked).contains(new RemoveTemplate(new ControllerName("s1"), "gone"));
        assertThat(cloud.ops).anyMatch(op -> op.id().equals("mine/s1") && op.again());
    }

    @Test
    void gcSaysWhatItRemovesOrWould() {
        assertThat(type("template", "gc", "--on", "s1", "--dry-run").out())
                .isEqualTo("s1: would remove 1 image, 1 import, 2 warm states, 33 MiB\n");
    }

    @Test
    void aFileThatIsRefusedIsCalledAsItWasTyped() throws Exception {
        Path disk = Files.writeString(home.resolve("disk.img"), "test");
        cloud.templates.onImport = made -> {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "the disk " + made.images().getFirst().url() + " cannot be used: it is encrypted",
                    "");
        };

        Typed refused = type("template", "import", "mine", "--disk", disk.toString(), "--on", "s1");

        assertThat(refused.exit()).isEqualTo(6);
        assertThat(refused.err()).contains("the disk " + disk + " cannot be used: it is encrypted");
    }

    @Test
    void aFileOfThisMachineIsServedWhileItIsImportedAndNotAfterwards() throws Exception {
        Path disk = Files.writeString(home.resolve("disk.img"), "test");
        List<String> urls = new ArrayList<>();
        List<String> got = new ArrayList<>();
        cloud.templates.onImport = made -> {
            Image image = made.images().getFirst();
            urls.add(image.url());
            got.add(get(image.url(), "").body());
            HttpResponse<String> rest = get(image.url(), "bytes=2-");
            got.add(rest.statusCode() + " " + rest.body() + " "
                    + rest.headers().firstValue("Content-Range").orElse(""));
            got.add(String.valueOf(get(image.url(), "bytes=4-").statusCode()));
            got.add(String.valueOf(
                    get(image.url().replaceFirst("[0-9a-f]{32}$", "x"), "").statusCode()));
        };

        Typed imported = type("template", "import", "mine", "--disk", disk.toString(), "--on", "s1", "--memory", "96M");

        assertThat(imported.err()).isEmpty();
        assertThat(imported.out()).isEqualTo("s1: imported in 1.3 s, 30 MiB\n");
        assertThat(got).containsExactly("test", "206 st bytes 2-3/4", "416", "404");
        assertThat(cloud.asked)
                .contains(new ImportTemplate(
                        new ControllerName("s1"),
                        "mine",
                        List.of(new Image(Role.DISK, urls.getFirst(), SUM)),
                        "",
                        "",
                        "",
                        MemorySize.ofMebibytes(96),
                        true));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> get(urls.getFirst(), "")))
                .hasCauseInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void aFileOfAnotherDigestIsNotSent() throws Exception {
        Path disk = Files.writeString(home.resolve("disk.img"), "other");
        Typed refused = type("template", "import", "mine", "--disk", disk.toString(), "--sha256", SUM);
        assertThat(refused.err()).contains("not " + SUM + "; nothing was sent");
        assertThat(refused.exit()).isEqualTo(6);
        assertThat(cloud.asked).noneMatch(ImportTemplate.class::isInstance);
    }

    @Test
    void whatCannotBeImportedIsSaidBeforeAnythingIsSent() {
        assertThat(type("template", "import", "mine", "--disk", "nothing.img").exit())
                .isEqualTo(3);
        assertThat(type("template", "import", "mine", "--disk", "no\0name").err())
                .contains("there is no file 'no");
        assertThat(type("template", "import", "My", "--disk", "http://127.0.0.1/a")
                        .err())
                .contains("'My' is not a name for a template");
        assertThat(type("template", "import", "mine", "--disk", "http://bob:secret@127.0.0.1/a")
                        .err())
                .contains("without a password");
        assertThat(type("template", "import", "mine", "--disk", "http://127.0.0.1/a", "--sha256", "12")
                        .exit())
                .isEqualTo(2);
        assertThat(cloud.asked).noneMatch(ImportTemplate.class::isInstance);
    }

    @Test
    void aBarSaysHowMuchHowFastAndHowLong() {
        long[] now = {0};
        ImportProgress[] progress = {new ImportProgress("mine", 0, 0)};
        TransferBar bar = new TransferBar("importing mine", () -> progress[0], () -> now[0]);
        assertThat(bar.get()).isEqualTo("importing mine");
        now[0] = 1_000_000_000;
        progress[0] = mine(20, 100);
        assertThat(bar.get()).isEqualTo("[####................] 20 %, 0.0 MiB/s");
        now[0] = 3_000_000_000L;
        progress[0] = mine(40, 100);
        assertThat(bar.get()).isEqualTo("[########............] 40 %, 10.0 MiB/s, 6 s left");
        progress[0] = mine(200, 100);
        assertThat(bar.get()).isEqualTo("[####################] 100 %, 40.0 MiB/s");
    }

    @Test
    void howFarAWarmingIsIsMeasuredByTheLastTime() {
        long[] now = {0};
        Home times = new Home(home.resolve("state")).directory("warm");
        assertThat(type("template", "warm", "cirros").err()).doesNotContain("[");
        var bar = new LastTime(times, "cirros", "cirros on s1", () -> now[0]);
        assertThat(new LastTime(times, "other", "other on s1", () -> now[0]).get())
                .isEqualTo("other on s1");
        now[0] = 2_105_000_000L;
        assertThat(bar.get()).isEqualTo("[##########..........] 50 %, 3 s left");
        now[0] = 5_000_000_000L;
        assertThat(bar.get()).isEqualTo("[####################] longer than the last time, which was 4 s");
    }

    @Test
    void ofWhatHasNoLengthABarSaysHowMuchHasCome() {
        TransferBar bar = new TransferBar("importing mine", () -> mine(40, 0), () -> 0);
        assertThat(bar.get()).isEqualTo("importing mine: 40 MiB");
    }

    @Test
    void aHostThatDoesNotTellOfAnImportAnyMoreHasAllOfIt() {
        ControllerName s1 = new ControllerName("s1");
        Map<ControllerName, HostMeasured> told = new HashMap<>();
        ImportWatch watch = new ImportWatch(() -> told, "mine");

        told.put(s1, importing(mine(10, 100), new ImportProgress("another", 1, 2)));
        assertThat(watch.get()).isEqualTo(mine(10, 100));
        told.clear(); // it is silent
        assertThat(watch.get()).isEqualTo(mine(10, 100));
        told.put(s1, importing());
        assertThat(watch.get()).isEqualTo(mine(100, 100));
    }

    private static HostMeasured importing(ImportProgress... imports) {
        return new HostMeasured(new ControllerName("s1"), Instant.EPOCH, 0.75, 8, List.of(), List.of(imports));
    }

    private static ImportProgress mine(long mebibytes, long of) {
        return new ImportProgress("mine", mebibytes << 20, of << 20);
    }

    private static HttpResponse<String> get(String url, String range) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
            if (!range.isEmpty()) {
                request.header("Range", range);
            }
            return client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (java.io.IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private Typed type(String... words) {
        return Typed.at(cloud, home, words);
    }
}
