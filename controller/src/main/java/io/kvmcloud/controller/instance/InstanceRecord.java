package io.kvmcloud.controller.instance;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceName;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What is written down of an instance, {@code instance.json} in its directory. Whether it runs is not: that is asked of the
 * processes.
 *
 * @param uuid of the machine
 * @param name what people and its guest call it, or empty
 * @param template the name of what it was made from
 * @param disk how large its guest sees its disk
 * @param sshPort leased to it, also while OFFLINE
 * @param login the user to log in as, or empty
 * @param createdMillis when, in epoch milliseconds
 * @param forwards ports of the host that lead to it beside the one for SSH
 * @param diskMillis how long its disk took to make
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record InstanceRecord(
        InstanceId id,
        UUID uuid,
        String name,
        String template,
        MemorySize memory,
        int cpus,
        DiskSize disk,
        int sshPort,
        String login,
        long createdMillis,
        List<Held> forwards,
        int diskMillis) {

    /**
     * A forward it has.
     *
     * @param op the request that asked for it; empty when the instance was made with it
     */
    record Held(Forward forward, String op) {}

    /** Those of before there were names, sizes and forwards have none. */
    InstanceRecord {
        forwards = forwards == null ? List.of() : List.copyOf(forwards);
        name = InstanceName.orNone(name);
        disk = DiskSize.orTemplates(disk);
    }

    /** Of an instance that clients were told of and that never ran. */
    static InstanceRecord promised(InstanceView view) {
        return new InstanceRecord(
                view.id(),
                UUID.randomUUID(),
                view.name(),
                view.template(),
                view.memory(),
                view.cpus(),
                view.disk(),
                view.sshPort(),
                view.login(),
                view.created().toEpochMilli(),
                view.forwards().stream().map(forward -> new Held(forward, "")).toList(),
                view.diskMillis());
    }

    /** All a hypervisor needs to run it from this directory. */
    GuestSpec spec(Path directory, Template from, String bindAddress) {
        return new GuestSpec(id, uuid, directory, from, memory, cpus, bindAddress, sshPort, name, disk, ports());
    }

    /** Its forwards. */
    List<Forward> ports() {
        return forwards.stream().map(Held::forward).toList();
    }

    /** The forward that this request brought. */
    Optional<Forward> broughtBy(String op) {
        return forwards.stream()
                .filter(held -> held.op().equals(op))
                .map(Held::forward)
                .findFirst();
    }

    /** The forward of this port of the host. */
    Optional<Forward> at(Forward.Port port) {
        return ports().stream().filter(forward -> forward.port().equals(port)).findFirst();
    }

    InstanceRecord withSshPort(int port) {
        return new InstanceRecord(
                id, uuid, name, template, memory, cpus, disk, port, login, createdMillis, forwards, diskMillis);
    }

    InstanceRecord with(Forward forward, String op) {
        List<Held> more = new ArrayList<>(forwards);
        more.add(new Held(forward, op));
        return with(more);
    }

    InstanceRecord without(Forward forward) {
        return with(forwards.stream()
                .filter(held -> !held.forward().equals(forward))
                .toList());
    }

    private InstanceRecord with(List<Held> others) {
        return new InstanceRecord(
                id, uuid, name, template, memory, cpus, disk, sshPort, login, createdMillis, others, diskMillis);
    }

    InstanceRecord withDiskMillis(long millis) {
        return new InstanceRecord(
                id, uuid, name, template, memory, cpus, disk, sshPort, login, createdMillis, forwards, (int) millis);
    }
}
