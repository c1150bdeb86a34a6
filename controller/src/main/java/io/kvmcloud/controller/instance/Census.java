package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which instances there are and which are in the making, and what of the host they have between them. Thread-safe. */
final class Census {

    private static final int MOST_SHOWN = 8;

    private final Host host;
    private final Map<Long, Instance> instances = new ConcurrentHashMap<>();
    private final Map<Long, NewInstance> inTheMaking = new ConcurrentHashMap<>();

    /** Who has a name, or will have it. This and the sums are kept, since each new instance asks for them. */
    private final Map<String, Long> names = new HashMap<>();

    private long memory;
    private int cpus;

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
    synchronized void found(long number, Instance instance) {
        instances.put(number, instance);
        InstanceRecord record = instance.record();
        take(number, record.name(), record.memory(), record.cpus());
    }

    /** It is gone, with all it had. */
    synchronized void remove(long number) {
        Instance gone = instances.remove(number);
        if (gone != null) {
            InstanceRecord record = gone.record();
            giveBack(number, record.name(), record.memory(), record.cpus());
        }
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
        take(number, command.name(), command.memory(), command.cpus());
    }

    /** In one step, or it would not be counted in between. */
    synchronized void made(long number, Instance created) {
        instances.put(number, created);
        inTheMaking.remove(number);
    }

    /** It has been made, or nothing came of it. */
    synchronized void notInTheMaking(long number) {
        NewInstance never = inTheMaking.remove(number);
        if (never != null) {
            giveBack(number, never.name(), never.memory(), never.cpus());
        }
    }

    /** What is left to give away; one that is being made counts already. */
    synchronized Capacity capacity(boolean draining) {
        return new Capacity(host.memoryMebibytes(), memory, host.cpus(), cpus, instances.size(), draining);
    }

    private void take(long number, String name, MemorySize ofMemory, int ofCpus) {
        memory += ofMemory.mebibytes();
        cpus += ofCpus;
        if (!name.isEmpty()) {
            names.put(name, number);
        }
    }

    private void giveBack(long number, String name, MemorySize ofMemory, int ofCpus) {
        memory -= ofMemory.mebibytes();
        cpus -= ofCpus;
        names.remove(name, number);
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
        Long holder = names.get(name);
        if (holder != null) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "the name " + name + " is taken: "
                            + (instances.containsKey(holder)
                                    ? new InstanceId(host.name(), holder) + " has it"
                                    : "an instance of that name is being created")
                            + "; nothing was created",
                    "choose another");
        }
    }
}
