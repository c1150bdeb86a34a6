package io.kvmcloud.amqp;

import io.kvmcloud.amqp.Definitions.Account;
import java.util.List;

/** The users of a cloud, who are users of its broker. */
public interface Users {

    /**
     * One of them.
     *
     * @param name what it logs in as
     * @param role the word of its {@link Role}; {@code other} when what it may do is none of ours
     * @param host the only one it may change something on, or empty
     */
    record User(String name, String role, String host) {}

    /** All, in the order of their names. */
    List<User> list();

    /**
     * Makes a new one.
     *
     * @throws io.kvmcloud.messages.CommandFailed when the name is taken
     */
    void add(Account account, String password);

    /**
     * Takes a person's away; the broker ends its connections.
     *
     * @throws io.kvmcloud.messages.CommandFailed when there is none, or it is a part of the cloud
     */
    void remove(String name);
}
