package io.kvmcloud.cli;

import io.kvmcloud.amqp.Codec;
import io.kvmcloud.settings.Version;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** The command line, one-shot and as a shell: {@code kvm-cloud VERB …}. */
@Command(
        name = "kvm-cloud",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        description = "A private cloud: instances that KVM runs, orchestrated over RabbitMQ.",
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0 done   1 failed   2 wrong command line   3 not found",
            "  4 RabbitMQ, manager or controller unreachable   5 no answer in time",
            "  6 refused (state, capacity)   ssh: the guest's own"
        })
public final class KvmCloud implements Callable<Integer> {

    /** Verbs that tell of other verbs. */
    private static final Set<String> ABOUT_VERBS = Set.of("help", "completion");

    /** Options that need no verb. */
    private static final Set<String> ABOUT_ITSELF = Set.of("-V", "--version");

    /** The global options that a verb's own help repeats. */
    private static final Set<String> EVERYWHERE = Set.of("--format", "--help");

    @Mixin
    private final Cloud cloud;

    @Mixin
    private final Output output;

    private final Surroundings surroundings;

    @Spec
    private @Nullable CommandSpec spec;

    private KvmCloud(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
    }

    /** Carries out one command line and ends with its exit code. */
    public static void main(String[] arguments) {
        System.exit(carryOut(arguments));
    }

    /** The same without the end. */
    static int carryOut(String... arguments) {
        var surroundings = Surroundings.ofProcess();
        log(surroundings.debug());
        Thread.ofPlatform().daemon().start(Codec::prepare); // while this one learns the verb
        var output = new Output(
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                surroundings::columnsOfNotes,
                surroundings::columnsOfResults);
        try (var cloud = Cloud.overRabbitMq()) {
            return commandLine(cloud, output, surroundings, arguments).execute(arguments);
        }
    }

    /** Before anything logs: what a person must know is said by us, once. A logger that is silent takes a while to start, too. */
    static void log(boolean debug) {
        System.setProperty("picocli.trace", debug ? "WARN" : "OFF");
        if (debug) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
        } else {
            System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
            System.setProperty("slf4j.internal.verbosity", "WARN");
        }
    }

    /** With every verb. */
    static CommandLine commandLine(Cloud cloud, Output output, Surroundings surroundings) {
        return commandLine(cloud, output, surroundings, new String[0]);
    }

    /**
     * With the verb that these arguments begin with, or with every verb when they do not, or when that one has to do with
     * the others: to learn them all takes longer than to carry one out.
     */
    static CommandLine commandLine(Cloud cloud, Output output, Surroundings surroundings, String[] arguments) {
        String word = arguments.length == 0 || ABOUT_VERBS.contains(arguments[0]) ? "" : arguments[0];
        var line = new CommandLine(new KvmCloud(cloud, output, surroundings));
        List<Object> verbs = verbs(cloud, output, surroundings);
        List<Object> meant = meant(verbs, word);
        boolean every = meant.isEmpty() && !(arguments.length == 1 && ABOUT_ITSELF.contains(word));
        (every ? verbs : meant).forEach(verb -> line.addSubcommand(withWordsBelow(verb)));
        if (every) {
            LauncherCommand.all().forEach(verb -> line.addSubcommand(verb));
        }
        verbsBelow(line).forEach(verb -> inherit(line, verb));
        Arguments.register(line);
        return line.setOut(output.writer())
                .setColorScheme(Help.defaultColorScheme(surroundings.colours() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpAutoWidth(surroundings.terminal())
                .setParameterExceptionHandler(new Mistakes(output))
                .setExecutionExceptionHandler(new Failures(output, surroundings.debug()));
    }

    /** Every verb: to add one, write its class and name it here. */
    private static List<Object> verbs(Cloud cloud, Output output, Surroundings surroundings) {
        return List.of(
                new TemplatesCommand(cloud, output),
                new TemplateCommand(cloud, output, surroundings),
                new LaunchCommand(cloud, output, new SshKeys(surroundings.environment()), new Supplies(surroundings)),
                new NewCommand(cloud, output, new SshKeys(surroundings.environment()), new Supplies(surroundings)),
                new InstancesCommand(cloud, output),
                new RunCommand(cloud, output),
                new StopCommand(cloud, output),
                new KillCommand(cloud, output),
                new RestartCommand(cloud, output),
                new PauseCommand(cloud, output),
                new ResumeCommand(cloud, output),
                new DeleteCommand(cloud, output, surroundings),
                new InfoCommand(cloud, output),
                new SshCommand(cloud, output, surroundings),
                new CopyCommand(cloud, output, surroundings),
                new ForwardCommand(cloud, output),
                new LogsCommand(cloud, output),
                new ConsoleCommand(cloud, output, surroundings, System.in),
                new ControllersCommand(cloud, output),
                new DrainCommand(cloud, output),
                new UndrainCommand(cloud, output),
                new DoctorCommand(cloud, output, surroundings),
                new EventsCommand(cloud, output),
                new TopCommand(cloud, output, surroundings, System.in),
                new OpCommand(cloud, output),
                new DeadLettersCommand(cloud, output),
                new PingCommand(cloud, output),
                new ShellCommand(cloud, output, surroundings),
                new DefinitionsCommand(output),
                new UserCommand(cloud, output, surroundings),
                new CompletionCommand(output),
                new HelpCommand());
    }

    /** Each once, however many names it has. */
    static Set<CommandLine> verbsBelow(CommandLine line) {
        return new LinkedHashSet<>(line.getSubcommands().values());
    }

    private static CommandLine withWordsBelow(Object verb) {
        var line = new CommandLine(verb);
        if (verb instanceof WordsBelow nest) {
            nest.below().forEach(line::addSubcommand);
        }
        return line;
    }

    /** The verb of this name, if there is one. Mostly its class is called so; to read all annotations takes longer than the rest. */
    private static List<Object> meant(List<Object> verbs, String word) {
        List<Object> probably = verbs.stream()
                .filter(verb -> verb.getClass().getSimpleName().equalsIgnoreCase(word + "Command"))
                .toList();
        return (probably.isEmpty() ? verbs : probably)
                .stream().filter(verb -> isCalled(verb, word)).toList();
    }

    private static boolean isCalled(Object verb, String word) {
        Command named = verb.getClass().getAnnotation(Command.class);
        return named != null
                && (named.name().equals(word) || List.of(named.aliases()).contains(word));
    }

    /** No verb: a person gets the shell, a script is told how to write it. */
    @Override
    public Integer call() {
        CommandSpec root = Arguments.given(spec);
        if (surroundings.terminal()) {
            return new ShellCommand(cloud, output, surroundings).run(root);
        }
        output.note(root.commandLine().getUsageMessage(Ansi.OFF).stripTrailing());
        return CommandLine.ExitCode.USAGE;
    }

    /** What an annotation has as its footer are command lines as people type them. */
    private static void addExamples(CommandSpec spec) {
        String[] examples = spec.usageMessage().footer();
        List<String> footer = new ArrayList<>();
        footer.add("Also --amqp, --password-file, --ca-file and --wait, see `kvm-cloud help`.");
        if (examples.length > 0) {
            footer.addAll(List.of("", "Examples:"));
            List.of(examples).forEach(example -> footer.add("  " + example));
        }
        spec.usageMessage().footer(footer.toArray(new String[0]));
    }

    /** Global options may stand before and after the verb; where a verb has a short name of its own, the verb wins. */
    private static void inherit(CommandLine root, CommandLine verb) {
        CommandSpec spec = verb.getCommandSpec();
        addExamples(spec);
        for (OptionSpec option : root.getCommandSpec().options()) {
            String[] names = List.of(option.names()).stream()
                    .filter(name -> !spec.optionsMap().containsKey(name))
                    .toArray(String[]::new);
            if (names.length > 0 && !option.versionHelp()) {
                spec.addOption(option.toBuilder()
                        .names(names)
                        .root(option)
                        .hidden(!EVERYWHERE.contains(option.longestName()))
                        .inherited(true)
                        .build());
            }
        }
        verb.getSubcommands().values().forEach(below -> inherit(root, below));
    }
}
