package io.kvmcloud.cli;

import io.kvmcloud.amqp.Definitions;
import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.amqp.Role;
import io.kvmcloud.amqp.Users;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Spelling;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code user add}: lets someone use the cloud. */
@Command(
        name = "add",
        description = {
            "Let someone use the cloud; RabbitMQ then holds them to their role.",
            "A viewer looks at everything and changes nothing, an operator may do all, with --host only what is done to that"
                    + " host's instances. The password is made here and written to stdout, this once, unless you bring one."
        },
        footer = {"kvm-cloud user add carol --role viewer", "kvm-cloud user add bob --role operator --host s1 -f json"})
final class UserAddCommand implements Callable<Integer> {

    private static final int SHORTEST = 12;
    private static final int LONGEST = 200;
    private static final String WRITE_IT = "write it like `kvm-cloud user add carol --role viewer`";

    private final Output output;
    private final Surroundings surroundings;

    @Mixin
    private final UserCommand.Administration administration;

    @Mixin
    private final Results<Added> results;

    @Option(names = "--role", required = true, paramLabel = "ROLE", description = "viewer or operator.")
    private String role = "";

    @Option(names = "--host", paramLabel = "CONTROLLER", description = "The only host an operator is one of, like s1.")
    private @Nullable ControllerName host;

    @Option(
            names = "--new-password-file",
            paramLabel = "FILE",
            description = "Its password, in a file that only you may read; - is stdin.")
    private @Nullable String file;

    @Parameters(paramLabel = "NAME", description = "Letters, digits, dots, dashes, underscores and @, at most 64.")
    private String name = "";

    UserAddCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.output = output;
        this.surroundings = surroundings;
        administration = new UserCommand.Administration(cloud);
        results = new Results<>(output, UserAddCommand::columns);
    }

    /**
     * Who is there now.
     *
     * @param password empty when it was brought
     */
    private record Added(String name, String role, String host, String password) {}

    private static Columns<Added> columns() {
        return new Columns<Added>()
                .with("name", "user", Added::name)
                .with("role", "role", Added::role)
                .with("host", "only on", Added::host, added -> added.host().isEmpty() ? "-" : added.host())
                .with("password", "password", Added::password);
    }

    @Override
    public Integer call() {
        Account account =
                Failures.valid(() -> new Account(Definitions.checked(name), role()), "choose a name like carol");
        Users users = administration.users();
        String brought = file;
        String password = brought == null ? Definitions.newPassword() : read(brought);
        users.add(account, password);
        Added added = new Added(name, account.role().word(), account.role().host(), brought == null ? password : "");
        results.one(added, brought == null ? password : "OK");
        if (brought == null) {
            output.note("this password of " + name + " is shown once; it belongs into a file for --password-file"
                    + " that only " + name + " may read");
        }
        return 0;
    }

    private Role role() {
        return switch (role) {
            case "viewer" -> {
                if (host != null) {
                    throw new CommandFailed(
                            Reason.INVALID, "a viewer looks at all hosts: --host is for operators", WRITE_IT);
                }
                yield new Role.Viewer();
            }
            case "operator" -> new Role.Operator(host);
            default ->
                throw new CommandFailed(
                        Reason.INVALID,
                        "there is no role '" + Output.plain(role) + "': write " + String.join(" or ", Role.words()),
                        Spelling.nearest(role, Role.words())
                                .map(word -> "did you mean --role " + word + "?")
                                .orElse(WRITE_IT));
        };
    }

    private String read(String from) {
        if (from.equals("-") && surroundings.script()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "stdin holds the lines of the script, not a password",
                    "--new-password-file names a file");
        }
        try {
            return proper(
                    from.equals("-")
                            ? new String(System.in.readNBytes(LONGEST + 2), StandardCharsets.UTF_8)
                            : Files.readString(ownersOnly(Path.of(from))));
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "cannot read " + from + ": " + Text.why(unreadable),
                    "check --new-password-file",
                    unreadable);
        }
    }

    /** What others may read is no secret any more. */
    private static Path ownersOnly(Path path) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.GROUP_READ)) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "others may read " + path + " (" + PosixFilePermissions.toString(permissions) + ")",
                    "chmod 600 " + path + ", and choose a password that nobody has read");
        }
        return path;
    }

    private static String proper(String text) {
        String password = text.strip();
        if (password.length() < SHORTEST || password.length() > LONGEST || password.contains("\n")) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "a password is one line of " + SHORTEST + " to " + LONGEST + " characters",
                    "leave --new-password-file out to get a good one");
        }
        return password;
    }
}
