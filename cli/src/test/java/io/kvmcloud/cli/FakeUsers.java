package io.kvmcloud.cli;

import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.amqp.Users;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Users without a broker. */
final class FakeUsers implements Users {

    final NavigableMap<String, String> passwords = new TreeMap<>();
    private final NavigableMap<String, User> users = new TreeMap<>();

    FakeUsers() {
        for (User user : List.of(
                new User("admin", "administrator", ""),
                new User("alice", "operator", ""),
                new User("bob", "operator", "s2"),
                new User("s1", "controller", ""))) {
            users.put(user.name(), user);
        }
    }

    @Override
    public List<User> list() {
        return new ArrayList<>(users.values());
    }

    @Override
    public void add(Account account, String password) {
        passwords.put(account.name(), password);
        users.put(
                account.name(),
                new User(account.name(), account.role().word(), account.role().host()));
    }

    @Override
    public void remove(String name) {
        if (users.remove(name) == null) {
            throw new CommandFailed(Reason.NOT_FOUND, "there is no user '" + name + "'", "");
        }
    }
}
