package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.amqp.Users.User;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People are let in and put out through the management API of a real broker. */
@Tag("every-broker")
@WithBroker
class BrokerUsersIT {

    private final TestBroker broker;
    private final Users users;
    /** Users belong to the broker, not to this class's virtual host. */
    private final String carol = "carol-" + UUID.randomUUID();

    BrokerUsersIT(TestBroker broker) {
        this.broker = broker;
        users = new BrokerUsers(
                ManagementAddress.of(broker.managementUri(), broker.address("operator"), broker.passwordFile("admin")));
    }

    @AfterEach
    void removeCarol() {
        broker.unmanage("users/" + carol);
    }

    @Test
    void whoThereIsIsListedWithTheRoleThatTheBrokerHoldsThemTo() {
        assertThat(users.list())
                .contains(
                        new User("admin", "administrator", ""),
                        new User("kvm-manager", "manager", ""),
                        new User("operator", "operator", ""),
                        new User("operator-of-s1", "operator", "s1"),
                        new User("s1", "controller", ""),
                        new User("viewer", "viewer", ""));
    }

    @Test
    void aNewUserLogsInWithItsPasswordAndOnceRemovedIsCutOff(@TempDir Path directory) throws Exception {
        users.add(new Account(carol, new Role.Operator(new ControllerName("s2"))), "the password");

        assertThat(users.list()).contains(new User(carol, "operator", "s2"));
        Path password = TestBroker.secret(directory.resolve("carol"), "the password");
        BrokerAddress address = BrokerAddress.of(broker.uri(carol), password);
        try (Session session = Session.open(address, "carol")) {
            users.remove(carol);
            await().until(() -> session.ended().isDone());
        }
        assertThat(failure(() -> Session.open(address, "carol").close()).message())
                .contains("does not accept user '" + carol + "'");
        assertThat(users.list()).extracting(User::name).doesNotContain(carol);
    }

    @Test
    void aUserWhoseKeysAnybodyWidenedIsNoneOfOurs() {
        users.add(new Account(carol, new Role.Viewer()), "the password");
        broker.unmanage("topic-permissions/" + broker.here() + "/" + carol);
        assertThat(users.list()).contains(new User(carol, "other", ""));
        users.remove(carol);
    }

    @Test
    void aNameThatIsTakenStaysWhoseItIs() {
        users.add(new Account(carol, new Role.Viewer()), "the password");

        Failure taken = failure(() -> users.add(new Account(carol, new Role.Operator(null)), "another"));

        assertThat(taken.reason()).isEqualTo(Reason.REFUSED);
        assertThat(taken.message()).contains("there is a user '" + carol + "' already, with role viewer");
        assertThat(taken.hint()).contains("kvm-cloud user rm " + carol);
        assertThat(users.list()).contains(new User(carol, "viewer", ""));
    }

    @Test
    void anOperatorOfAHostThatIsNotThereIsNotMade() {
        Failure failure =
                failure(() -> users.add(new Account(carol, new Role.Operator(new ControllerName("s11"))), "password"));
        assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(failure.message()).contains("no controller 's11' has a user here; there are: s1, s2, s3");
        assertThat(failure.hint()).contains("did you mean s1?");
    }

    @Test
    void whatTheCloudNeedsIsNotRemovedAndWhoIsNotThereIsNotFound() {
        for (String part : new String[] {"s1", "kvm-manager", "admin"}) {
            Failure refused = failure(() -> users.remove(part));
            assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
            assertThat(refused.message()).contains("the cloud needs it");
        }
        Failure missing = failure(() -> users.remove("viewr"));
        assertThat(missing.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(missing.hint()).isEqualTo("did you mean viewer?");
    }

    @Test
    void whoIsNotTheAdministratorIsToldWhoMust(@TempDir Path directory) throws Exception {
        Failure operator = failure(() -> new BrokerUsers(ManagementAddress.of(
                        broker.managementUri().replace("admin@", ""), broker.address("operator"), null))
                .list());
        assertThat(operator.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(operator.message()).contains("does not let user 'operator' do this: 401");
        assertThat(operator.hint()).contains("--admin-password-file");

        Path wrong = TestBroker.secret(directory.resolve("wrong"), "not the password");
        Failure mistyped = failure(
                () -> new BrokerUsers(ManagementAddress.of(broker.managementUri(), broker.address("operator"), wrong))
                        .list());
        assertThat(mistyped.message()).contains("user 'admin'", "401").doesNotContain("not the password");
    }

    @Test
    void aManagementApiThatIsNotThereIsNamed() {
        String nowhere = "http://admin@127.0.0.1:" + FreePorts.take();
        Failure failure = failure(() -> new BrokerUsers(
                        ManagementAddress.of(nowhere, broker.address("operator"), broker.passwordFile("admin")))
                .list());
        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message())
                .contains("does not answer at " + nowhere.replace("admin@", "") + ": Connection refused");
        assertThat(failure.hint()).contains("--management", "rabbitmq-plugins enable");
        Failure unknown = failure(() -> new BrokerUsers(
                        ManagementAddress.of("http://no-such-host.invalid", broker.address("admin"), null))
                .list());
        assertThat(unknown.message()).contains("no host is called 'no-such-host.invalid'");
    }

    private static Failure failure(Runnable attempt) {
        return catchThrowableOfType(CommandFailed.class, attempt::run).failure();
    }
}
