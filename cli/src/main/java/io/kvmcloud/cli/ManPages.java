package io.kvmcloud.cli;

import io.kvmcloud.settings.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * Writes the manual: a page of the whole, one for each verb, and one for each program that runs as a service. Not a verb,
 * since only who packages KVM-cloud needs it:
 *
 * <pre>env -i java -cp 'target/lib/*' io.kvmcloud.cli.ManPages DIR [CLASS-OF-A-SERVICE...]</pre>
 *
 * <p>DIR gets man1 and man8. Without an environment, since a page must not name the defaults that somebody has set. Pages
 * are as of SOURCE_DATE_EPOCH, if it is there, else of today.
 */
final class ManPages {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:(\\w+)");

    private static final List<String> EXIT_CODES = List.of(
            "Done.",
            "Failed for a reason that is nobody's fault who asked: QEMU died, a disk is full.",
            "Wrong command line.",
            "No such instance, template or controller.",
            "RabbitMQ, every manager or the controller that is needed does not answer.",
            "No answer in time; what becomes of the command is still told by `kvm-cloud op show OP`.",
            "Refused: by the state of the instance, for want of room, or since the user may not.");

    private static final Map<String, String> VARIABLES = Map.of(
            "KVM_CLOUD_HOME", "Where the cloud of this machine and the command line keep their files.",
            "KVM_CLOUD_DEBUG",
                    "When it is set, errors come with where they happened, and what is logged goes to stderr.",
            "XDG_STATE_HOME", "Instead of ~/.local/state, where KVM_CLOUD_HOME is not set.",
            "NO_COLOR", "When it is set, nothing is coloured.");

    private static final Map<String, String> FILES = new TreeMap<>(Map.of(
            "~/.local/state/kvm-cloud", "What KVM_CLOUD_HOME names otherwise.",
            "~/.local/state/kvm-cloud/broker",
                    "Of the cloud on this machine: its broker, and NAME.password of each user.",
            "~/.local/state/kvm-cloud/log", "What its parts say.",
            "~/.local/state/kvm-cloud/templates", "Its templates; yours go there too.",
            "~/.local/state/kvm-cloud/history", "What was typed in the shell.",
            "~/.local/state/kvm-cloud/ssh", "A key of the command line's own, and the host keys of guests."));

    private ManPages() {}

    /** Writes them all. */
    public static void main(String... arguments) throws IOException, ClassNotFoundException {
        String epoch = System.getenv("SOURCE_DATE_EPOCH");
        Instant now = epoch == null ? Instant.now() : Instant.ofEpochSecond(Long.parseLong(epoch));
        List<Class<?>> services = new ArrayList<>();
        for (String service : List.of(arguments).subList(1, arguments.length)) {
            services.add(Class.forName(service));
        }
        for (var page : of(LocalDate.ofInstant(now, ZoneOffset.UTC), services).entrySet()) {
            Path file = Path.of(arguments[0], page.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, page.getValue());
        }
    }

    /** The text of each page by its path, like {@code man1/kvm-cloud-run.1}. */
    static Map<String, String> of(LocalDate day, List<Class<?>> services) {
        CommandLine line = verbs();
        var whole = new ManPage(line.getCommandSpec(), 1);
        List<ManPage> verbs = KvmCloud.verbsBelow(line).stream()
                .map(verb -> new ManPage(verb.getCommandSpec(), 1))
                .toList();
        List<ManPage> daemons = services.stream()
                .map(service -> new ManPage(new CommandLine(service).getCommandSpec(), 8))
                .toList();
        Map<String, String> pages = new TreeMap<>();
        for (ManPage page :
                Stream.of(List.of(whole), verbs, daemons).flatMap(List::stream).toList()) {
            String seeAlso = Stream.concat(Stream.of(whole), daemons.stream())
                    .filter(other -> other != page)
                    .map(ManPage::reference)
                    .collect(Collectors.joining(", "));
            Consumer<Roff> further = roff -> {
                if (page == whole) {
                    holdsForAll(roff, verbs);
                }
                environment(roff, page);
            };
            String text = page.text(day.toString(), "kvm-cloud " + Version.current(), further, seeAlso);
            page.paths().forEach(path -> pages.put(path, text));
        }
        return pages;
    }

    private static CommandLine verbs() {
        var nowhere = new Output(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        return KvmCloud.commandLine(Cloud.overRabbitMq(), nowhere, new Surroundings(Map.of("HOME", "~"), false, false));
    }

    private static void holdsForAll(Roff roff, List<ManPage> verbs) {
        roff.section("VERBS");
        verbs.forEach(verb -> roff.term(verb.reference(), verb.purpose() + "."));
        roff.section("EXIT STATUS");
        for (int code = 0; code < EXIT_CODES.size(); code++) {
            roff.term(Roff.bold(String.valueOf(code)), EXIT_CODES.get(code));
        }
        roff.paragraph("`kvm-cloud ssh` ends with the exit code of the guest, `kvm-cloud cp` with that of `scp`.");
        roff.section("FILES");
        FILES.forEach((file, what) -> roff.term(Roff.italic(file), what));
    }

    /** Each option that a variable may stand for names it in its default. */
    private static void environment(Roff roff, ManPage page) {
        Map<String, String> variables =
                new TreeMap<>(page.spec().parent() == null && page.section() == 1 ? VARIABLES : Map.of());
        for (OptionSpec option : page.spec().options()) {
            variable(option)
                    .filter(_ -> !option.inherited())
                    .forEach(name -> variables.put(name, "`" + option.longestName() + "`."));
        }
        if (!variables.isEmpty()) {
            roff.section("ENVIRONMENT");
            variables.forEach((name, meaning) -> roff.term(Roff.bold(name), meaning));
        }
    }

    private static Stream<String> variable(OptionSpec option) {
        Option annotation =
                option.userObject() instanceof AnnotatedElement field ? field.getAnnotation(Option.class) : null;
        return annotation == null
                ? Stream.of()
                : VARIABLE.matcher(annotation.defaultValue()).results().map(found -> found.group(1));
    }
}
