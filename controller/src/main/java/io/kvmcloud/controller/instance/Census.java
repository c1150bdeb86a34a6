package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which instances there are and which are in the making, and what of the host they have between them. Thread-safe. */
final class Census {

    private static final int MOST_SHOWN = 8;

    private final Host host;
    private final Map<Long, Instance> instances = new ConcurrentHashMap<>();
    private final Map<Long, NewInstance> inTheMaking = new ConcurrentHashMap<>();

    Census(Host host) {
        this.host = host;
    }

    /** The one of this number, or null. */
    @Nullable
    Instance get(long number) {
        return instances.get(number);
    }

    Collection<Instance> all() {
        return instances.values();
    }

    boolean has(long number) {
        return instances.containsKey(number);
    }

    /** Whether there is one of this number, or will be. In this order: from the one it goes to the other, and is never in none. */
    boolean expects(long number) {
        return inTheMaking.containsKey(number) || instances.containsKey(number);
    }

    /** One that was made in an earlier life. */
    void found(long number, Instance instance) {
        instances.put(number, instance);
    }

    /** It is gone, with all it had. */
    void remove(long number) {
        instances.remove(number);
    }

    /** Room is counted and taken in one step; disks are then made side by side. */
    synchronized void reserve(long number, NewInstance command) {
        Capacity capacity = capacity(false);
        if (command.memory().mebibytes() > capacity.memoryFree() || command.cpus() > capacity.cpusFree()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "controller " + host.name() + " has no room for " + command.memory() + ", " + command.cpus()
                            + " CPUs: " + capacity.memoryFree() + " MiB of " + capacity.memoryMebibytes() + " and "
                            + capacity.cpusFree() + " CPUs of " + capacity.cpus() + " are free",
                    "delete an instance, or ask for less");
        }
        requireNewName(command.name());
        inTheMaking.put(number, command);
    }

    /** In one step, or it would not be counted in between. */
    synchronized void made(long number, Instance created) {
        instances.put(number, created);
        inTheMaking.remove(number);
    }

    /** It has been made, or nothing came of it. */
    void notInTheMaking(long number) {
        inTheMaking.remove(number);
    }

    /** What is left to give away; one that is being made counts already. */
    synchronized Capacity capacity(boolean draining) {
        long memory = 0;
        int cpus = 0;
        for (Instance one : instances.values()) {
            memory += one.record().memory().mebibytes();
            cpus += one.record().cpus();
        }
        for (NewInstance one : inTheMaking.values()) {
            memory += one.memory().mebibytes();
            cpus += one.cpus();
        }
        return new Capacity(host.memoryMebibytes(), memory, host.cpus(), cpus, instances.size(), draining);
    }

    /**
     * Takes a template away while none can be made of it.
     *
     * @throws CommandFailed with {@link Reason#REFUSED} when there are some; says which
     */
    synchronized void takeAway(String template, Runnable away) {
        requireUnused(template);
        away.run();
    }

    private void requireUnused(String template) {
        List<String> users = Stream.concat(
                        instances.values().stream()
                                .map(Instance::record)
                                .filter(record -> record.template().equals(template))
                                .map(record -> record.id().number()),
                        inTheMaking.entrySet().stream()
                                .filter(one -> one.getValue().template().equals(template))
                                .map(Map.Entry::getKey))
                .distinct()
                .sorted()
                .map(number -> new InstanceId(host.name(), number).toString())
                .toList();
        if (!users.isEmpty()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "template " + template + " is in use by " + Text.some(users, MOST_SHOWN),
                    "`kvm-cloud delete` them first");
        }
    }

    /** A manager has looked at all there are, but it may be one that has just taken over. */
    private void requireNewName(String name) {
        boolean making =
                inTheMaking.values().stream().anyMatch(one -> one.name().equals(name));
        Optional<InstanceId> holder = instances.values().stream()
                .map(Instance::record)
                .filter(record -> record.name().equals(name))
                .map(InstanceRecord::id)
                .findFirst();
        if (!name.isEmpty() && (making || holder.isPresent())) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "the name " + name + " is taken: "
                            + holder.map(id -> id + " has it").orElse("an instance of that name is being created")
                            + "; nothing was created",
                    "choose another");
        }
    }
}
