package io.kvmcloud.cli;

import io.kvmcloud.amqp.Users;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code user list}: everyone the broker knows. */
@Command(
        name = "list",
        description = {
            "List who may use the cloud, and for what.",
            "The role is what RabbitMQ allows the user at this moment; `other` is none of ours."
        },
        footer = {"kvm-cloud user list", "kvm-cloud user list role=operator"})
final class UserListCommand implements Callable<Integer> {

    @Mixin
    private final UserCommand.Administration administration;

    @Mixin
    private final Listing<Users.User> listing;

    UserListCommand(Cloud cloud, Output output) {
        administration = new UserCommand.Administration(cloud);
        listing = new Listing<>(output, UserCommand::columns);
    }

    @Override
    public Integer call() {
        listing.show(administration.users().list(), "no users");
        return 0;
    }
}
