package io.kvmcloud.cli;

import io.kvmcloud.amqp.Users;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code user}: who may use the cloud, and for what. */
@Command(
        name = "user",
        description = "Who may use the cloud: `user add NAME --role viewer|operator`, `user list`, `user rm NAME`.")
final class UserCommand implements WordsBelow {

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    UserCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
    }

    @Override
    public List<Object> below() {
        return List.of(
                new UserAddCommand(cloud, output, surroundings),
                new UserListCommand(cloud, output),
                new UserRemoveCommand(cloud, output));
    }

    /** Where the broker's users are administered, and as whom. */
    static final class Administration {

        private final Cloud cloud;

        @Option(
                names = "--management",
                paramLabel = "URI",
                defaultValue = "${env:KVM_CLOUD_MANAGEMENT:-}",
                description =
                        "RabbitMQ's management API, http[s]://USER@HOST:PORT; also KVM_CLOUD_MANAGEMENT (default: port"
                                + " 15672 of --amqp's host, 15671 with amqps://).")
        private String management = "";

        @Option(
                names = "--admin-password-file",
                paramLabel = "FILE",
                defaultValue = "${env:KVM_CLOUD_ADMIN_PASSWORD_FILE}",
                description =
                        "A file that holds the administrator's password; also KVM_CLOUD_ADMIN_PASSWORD_FILE (default:"
                                + " user and password of --amqp).")
        private @Nullable Path passwordFile;

        Administration(Cloud cloud) {
            this.cloud = cloud;
        }

        Users users() {
            return cloud.users(management, passwordFile);
        }
    }

    /** What a list of them has. */
    static Columns<Users.User> columns() {
        return new Columns<Users.User>()
                .with("name", "user", Users.User::name)
                .with("role", "role", Users.User::role)
                .with("host", "only on", Users.User::host, user -> user.host().isEmpty() ? "-" : user.host());
    }
}
