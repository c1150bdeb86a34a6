package io.kvmcloud.cli;

import io.kvmcloud.amqp.Definitions;
import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.amqp.Role;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code definitions}: what a broker must hold before a cloud can use it, with a password for each user. */
@Command(
        name = "definitions",
        description = {
            "Write RabbitMQ's definitions file and the passwords of its users.",
            "DIR gets definitions.json (exchanges, queues, policies, users and what each may do; passwords only as"
                    + " hashes) and a NAME.password for every user. Passwords that are there are kept, so it can be"
                    + " run again to add a controller."
        },
        footer = {
            "kvm-cloud definitions broker --controllers s1,s2,s3",
            "kvm-cloud definitions broker --operators operator,bob:s1 --viewers carol"
        })
final class DefinitionsCommand implements Callable<Integer> {

    @Mixin
    private final Results<Written> results;

    @Option(
            names = "--vhost",
            paramLabel = "NAME",
            defaultValue = "kvm-cloud",
            description = "The virtual host of the cloud (default: ${DEFAULT-VALUE}).")
    private String vhost = "";

    @Option(
            names = "--controllers",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "s1,s2",
            description = "A user for each of these controllers (default: ${DEFAULT-VALUE}).")
    private List<ControllerName> controllers = List.of();

    @Option(
            names = "--operators",
            split = ",",
            paramLabel = "NAME[:HOST]",
            defaultValue = "operator",
            description =
                    "Users who may ask for anything, or for what is done on one host (default: ${DEFAULT-VALUE}).")
    private List<String> operators = List.of();

    @Option(names = "--viewers", split = ",", paramLabel = "NAME", description = "Users who may look at everything.")
    private List<String> viewers = List.of();

    @Parameters(paramLabel = "DIR", description = "Made when missing, for you alone.")
    private Path directory = Path.of("");

    DefinitionsCommand(Output output) {
        results = new Results<>(output, DefinitionsCommand::columns);
    }

    private static Columns<Written> columns() {
        return new Columns<Written>()
                .with("definitions", "definitions", Written::definitions)
                .with("users", "users", written -> String.join(",", written.users()));
    }

    /** What is there now. */
    private record Written(String definitions, List<String> users) {}

    @Override
    public Integer call() {
        if (vhost.isBlank()) {
            throw new CommandFailed(Reason.INVALID, "a virtual host needs a name", "leave --vhost out for kvm-cloud");
        }
        var definitions = Failures.valid(
                () -> new Definitions(vhost, Definitions.withPeople(controllers, people())),
                "write it like --controllers s1,s2 --operators operator,bob:s1 --viewers carol");
        var home = new Home(directory.toAbsolutePath().normalize());
        home.locked(() -> {
            Map<String, String> passwords = new HashMap<>();
            for (String user : definitions.users()) {
                passwords.put(user, password(home, user));
            }
            // Last, so that whoever sees it finds the passwords too. Not secret: a broker of another user may read it.
            home.write("definitions.json", definitions.json(passwords::get), "rw-r--r--");
            return home;
        });
        Path file = home.path().resolve("definitions.json");
        results.one(new Written(file.toString(), definitions.users()), file.toString());
        return 0;
    }

    private List<Account> people() {
        return Stream.concat(
                        operators.stream().map(DefinitionsCommand::operator),
                        viewers.stream().map(name -> new Account(name, new Role.Viewer())))
                .toList();
    }

    private static Account operator(String word) {
        int colon = word.indexOf(':');
        return colon < 0
                ? new Account(word, new Role.Operator(null))
                : new Account(
                        word.substring(0, colon), new Role.Operator(new ControllerName(word.substring(colon + 1))));
    }

    private static String password(Home home, String user) throws IOException {
        String file = user + ".password";
        String kept = home.read(file);
        if (!kept.isEmpty()) {
            return kept;
        }
        String password = Definitions.newPassword();
        home.write(file, password + "\n", "rw-------");
        return password;
    }
}
