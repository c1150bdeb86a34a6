package io.kvmcloud.cli;

import io.kvmcloud.amqp.TlsLook;
import io.kvmcloud.health.Check;
import io.kvmcloud.health.DiskCheck;
import io.kvmcloud.health.KvmCheck;
import io.kvmcloud.health.MemoryCheck;
import io.kvmcloud.health.ProgramCheck;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.ExamineCloud;
import io.kvmcloud.messages.Command.ExamineHost;
import io.kvmcloud.messages.Command.VerifyTemplates;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.CloudExamined;
import io.kvmcloud.messages.Reply.HostExamined;
import io.kvmcloud.messages.TemplateCheck;
import io.kvmcloud.messages.TemplateView;
import io.kvmcloud.settings.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Looks at everything, from here outwards: this machine, the broker, a manager, every host. What does not answer is a finding,
 * and what does not need it is still looked at.
 *
 * @param deep whether hosts also read the files of their templates through, which takes as long as their disks need
 */
record Doctor(Cloud cloud, Surroundings surroundings, boolean deep) {

    /** Who does not answer a read by then hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration READING = Duration.ofMinutes(10);

    /** Deadlines are times of day: a difference is taken from the time a command has. */
    private static final Duration SKEWED = Duration.ofSeconds(2);

    private static final Duration BADLY_SKEWED = Duration.ofSeconds(30);

    /** Nobody is there who could tell more. */
    private static final Set<Reason> SILENT = EnumSet.of(Reason.UNREACHABLE, Reason.TIMED_OUT);

    private static final Pattern RABBITMQ = Pattern.compile("RabbitMQ (\\d+)\\.(\\d+)\\..*");
    private static final String INSTALL_QEMU =
            "`sudo apt-get install qemu-system-x86 qemu-utils`; `kvm-cloud up` does it";
    private static final String SET_CLOCK = "`timedatectl set-ntp true` there and here keeps clocks together";

    /** Tells what is found, as it is found. */
    void examine(Consumer<Diagnosis> told) {
        here(told, thisProgram());
        if (!broker(told) || !cloud(told)) {
            here(told, asAHost()); // nobody else can be asked, and perhaps it is to be this machine
        }
    }

    private List<Check> thisProgram() {
        return List.of(
                Check.of(
                        "version",
                        check -> List.of(Finding.ok(
                                check,
                                "kvm-cloud " + Version.current() + ", Java " + System.getProperty("java.version")))),
                new DiskCheck(surroundings.home().path()),
                new ProgramCheck(
                        "ssh",
                        "ssh",
                        path(),
                        "`kvm-cloud ssh` and `cp` need it",
                        "`sudo apt-get install openssh-client`"));
    }

    private List<Check> asAHost() {
        return List.of(
                MemoryCheck.ofThisMachine(0),
                new ProgramCheck("qemu", "qemu-system-x86_64", path(), "no controller can run here", INSTALL_QEMU),
                KvmCheck.ofThisMachine());
    }

    private String path() {
        return surroundings.environment().getOrDefault("PATH", "/usr/bin:/bin");
    }

    private static void here(Consumer<Diagnosis> told, List<Check> checks) {
        Check.all(checks).forEach(one -> told.accept(new Diagnosis("here", one)));
    }

    /** Whether it can be asked anything. */
    private boolean broker(Consumer<Diagnosis> told) {
        Consumer<Finding> found = one -> told.accept(new Diagnosis("broker", one));
        try {
            new TlsLook(cloud.address(), Instant.now()).findings().forEach(found);
            long start = System.nanoTime();
            String broker = cloud.broker();
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            found.accept(Finding.ok(
                    "connection",
                    cloud.address() + " lets user " + cloud.address().user() + " in (" + millis + " ms)"));
            found.accept(version(broker));
            return true;
        } catch (CommandFailed failed) {
            found.accept(Finding.of("connection", failed));
            return false;
        }
    }

    private static Finding version(String broker) {
        Matcher version = RABBITMQ.matcher(broker);
        // Dead-lettering at least once, without which a command can be lost, came with 3.10.
        return version.matches() && isBefore(version, 3, 10)
                ? Finding.fail("version", broker + "; commands may be lost before 3.10", "install a newer RabbitMQ")
                : Finding.ok("version", broker);
    }

    private static boolean isBefore(Matcher version, int major, int minor) {
        int is = Integer.parseInt(version.group(1));
        return is < major || is == major && Integer.parseInt(version.group(2)) < minor;
    }

    /** Whether there was a host to be asked. */
    private boolean cloud(Consumer<Diagnosis> told) {
        try {
            Answered<CloudExamined> answer = ask(new ExamineCloud());
            CloudExamined cloud = answer.reply();
            told.accept(new Diagnosis(cloud.manager(), ours(cloud.version())));
            told.accept(new Diagnosis(cloud.manager(), answer.clock(cloud.at())));
            cloud.findings().forEach(one -> told.accept(new Diagnosis("cloud", one)));
        } catch (CommandFailed failed) {
            told.accept(new Diagnosis("cloud", silentManager(failed)));
            if (SILENT.contains(failed.failure().reason())) {
                return false;
            }
        }
        List<ControllerRow> rows;
        try {
            rows = cloud.controllersWithin(PATIENCE);
        } catch (CommandFailed failed) {
            told.accept(new Diagnosis("cloud", Finding.of("controllers", failed)));
            return false;
        }
        List<ControllerRow> there =
                rows.stream().filter(ControllerRow::reachable).toList();
        told.accept(new Diagnosis("cloud", templates(there)));
        hosts(there).forEach(host -> host.forEach(told));
        return !there.isEmpty();
    }

    /** All at once; in their order. */
    private List<List<Diagnosis>> hosts(List<ControllerRow> rows) {
        List<Future<List<Diagnosis>>> asked;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            asked = rows.stream().map(row -> threads.submit(() -> host(row))).toList();
        } // which waits for all of them
        return asked.stream().map(Future::resultNow).toList();
    }

    private List<Diagnosis> host(ControllerRow row) {
        String name = row.controller().name().value();
        List<Finding> findings = new ArrayList<>();
        try {
            Answered<HostExamined> answer = ask(new ExamineHost(row.controller().name()));
            findings.add(ours(answer.reply().version()));
            findings.add(answer.clock(answer.reply().at()));
            findings.addAll(answer.reply().findings());
        } catch (CommandFailed failed) {
            findings.add(unanswered("examination", failed));
        }
        if (deep) {
            findings.addAll(files(row.controller().name()));
        }
        return findings.stream().map(one -> new Diagnosis(name, one)).toList();
    }

    /** What the host's templates are now, whatever is remembered of them. */
    private List<Finding> files(ControllerName host) {
        try {
            List<TemplateCheck> checks =
                    cloud.askWithin(READING, new VerifyTemplates(host, "")).templates();
            List<Finding> damaged = checks.stream()
                    .filter(one -> one.state() == TemplateCheck.State.DAMAGED)
                    .map(one -> Finding.fail(
                            "files",
                            "template " + one.template() + ": " + one.note(),
                            "bring its files back from another host or from where they came;"
                                    + " `kvm-cloud template verify` compares hosts"))
                    .toList();
            long bytes = checks.stream().mapToLong(TemplateCheck::bytes).sum();
            return damaged.isEmpty()
                    ? List.of(Finding.ok(
                            "files",
                            "read through: " + checks.size() + " templates, " + TemplateShowCommand.size(bytes)))
                    : damaged;
        } catch (CommandFailed failed) {
            return List.of(unanswered("files", failed));
        }
    }

    private <R extends Reply> Answered<R> ask(Command<R> command) {
        Instant before = Instant.now();
        R reply = cloud.askWithin(PATIENCE, command);
        return new Answered<>(reply, before, Instant.now());
    }

    /** One that is there, or none would have said so at once, and does not answer. */
    private static Finding silentManager(CommandFailed failed) {
        return failed.failure().reason() == Reason.TIMED_OUT
                ? Finding.fail(
                        "manager",
                        "one is connected and has not answered for " + PATIENCE.toSeconds() + " s",
                        "look at its log; end it, with SIGKILL if need be, and start it again")
                : unanswered("manager", failed);
    }

    /** Of one that answers and does not know the question nothing is known to be wrong. */
    private static Finding unanswered(String check, CommandFailed failed) {
        return failed.failure().reason() == Reason.INVALID
                ? Finding.warn(
                        check,
                        "not possible, it is of an older release: "
                                + failed.failure().message(),
                        "install one release everywhere")
                : Finding.of(check, failed);
    }

    /** An answer that was on its way between two times of our clock. */
    private record Answered<R>(R reply, Instant before, Instant after) {

        /** Of one who said that it was this late. */
        Finding clock(Instant at) {
            Duration ahead = at.isAfter(after)
                    ? Duration.between(after, at)
                    : at.isBefore(before) ? Duration.between(before, at) : Duration.ZERO;
            Duration skew = ahead.abs();
            String what = "%d.%d s %s this machine's"
                    .formatted(skew.toSeconds(), skew.toMillisPart() / 100, ahead.isNegative() ? "behind" : "ahead of");
            if (skew.compareTo(SKEWED) < 0) {
                return Finding.ok("clock", "within 2 s of this machine's");
            }
            return skew.compareTo(BADLY_SKEWED) < 0
                    ? Finding.warn("clock", what + ": commands have so much less time, or more", SET_CLOCK)
                    : Finding.fail("clock", what + ": commands are late before they begin", SET_CLOCK);
        }
    }

    private static Finding ours(String version) {
        return version.equals(Version.current())
                ? Finding.ok("version", version)
                : Finding.warn(
                        "version",
                        version + ", this command line is " + Version.current(),
                        "install one release everywhere; two that follow each other work together");
    }

    /** An instance is to be the same wherever it is made. */
    private static Finding templates(List<ControllerRow> rows) {
        Map<String, Map<String, String>> digests = new TreeMap<>();
        for (ControllerRow row : rows) {
            for (TemplateView template : row.controller().templates()) {
                if (!template.digest().isEmpty()) {
                    digests.computeIfAbsent(template.name(), _ -> new TreeMap<>())
                            .merge(template.digest(), row.controller().name().value(), (one, more) -> one + "," + more);
                }
            }
        }
        String different = digests.entrySet().stream()
                .filter(template -> template.getValue().size() > 1)
                .map(template -> template.getKey() + " (" + told(template.getValue()) + ")")
                .collect(Collectors.joining(", "));
        return different.isEmpty()
                ? Finding.ok("templates", digests.size() + " with a digest, the same on all hosts")
                : Finding.warn(
                        "templates",
                        "the hosts have different files under the name " + different,
                        "`kvm-cloud template show NAME` shows each; copy the right one to the others, under a new name"
                                + " where instances were made from it");
    }

    private static String told(Map<String, String> hosts) {
        return hosts.entrySet().stream()
                .map(host -> host.getValue() + ": "
                        + host.getKey().substring(0, Math.min(12, host.getKey().length())))
                .collect(Collectors.joining("; "));
    }
}
