package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.TemplateWarmed.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** All instances of this controller: made here, found here, adopted here. Thread-safe. */
public final class Instances implements Surroundings, AutoCloseable {

    private static final int MOST_FINDINGS = 10;

    private final Host host;
    private final InstanceStore store;
    private final Hypervisor hypervisor;
    private final Function<String, Template> templates;
    private final Ports ports;
    private final Drain drain;
    private final Clock clock;
    private final Creation creation;
    private final Sweep sweep;
    private final Census census;
    private final Fresh fresh;
    private volatile Consumer<Event> listener = _ -> {};

    private Instances(
            Host host,
            InstanceStore store,
            Hypervisor hypervisor,
            Function<String, Template> templates,
            Ports ports,
            Drain drain,
            Clock clock,
            Ledger ledger) {
        this.host = host;
        this.store = store;
        this.hypervisor = hypervisor;
        this.templates = templates;
        this.ports = ports;
        this.drain = drain;
        this.clock = clock;
        this.census = new Census(host);
        this.creation = new Creation(host, store, hypervisor, ports, clock);
        this.sweep = new Sweep(store, hypervisor, ports, census::expects);
        this.fresh = new Fresh(store, ledger);
    }

    /**
     * Makes again what was lost with the machine's power, reads what is there, removes what was left half-made, and adopts
     * guests that outlived the last controller process.
     *
     * @param directory holds one directory for each instance
     * @param templates finds a template by name, or throws {@link CommandFailed} with {@link Reason#NOT_FOUND}
     * @param ledger stands for new instances until they are on the disk
     * @throws IOException when the directory cannot be read
     */
    public static Instances open(
            Host host,
            Path directory,
            Hypervisor hypervisor,
            Function<String, Template> templates,
            Ports ports,
            Drain drain,
            Clock clock,
            Ledger ledger)
            throws IOException {
        InstanceStore store = new InstanceStore(directory);
        Instances all = new Instances(host, store, hypervisor, templates, ports, drain, clock, ledger);
        ledger.lost().forEach(new Restoration(host, store, hypervisor, all.creation, templates)::restore);
        List<InstanceRecord> records = store.records();
        records.forEach(all::claimPorts);
        records.forEach(all::load);
        ledger.unsynced().stream().filter(all::has).forEach(all.fresh::add);
        all.sync();
        all.sweep();
        return all;
    }

    /** Tells this listener from now on what changes. */
    public void listen(Consumer<Event> events) {
        listener = events;
    }

    /**
     * Creates an instance under a reserved number; the one that exists when it was created before.
     *
     * @throws CommandFailed when the template is unknown or asks for more memory, there is no room, the disk is full, or we drain
     */
    public Reply.InstanceCreated create(long number, NewInstance command) {
        Instance existing = census.get(number);
        if (existing != null) {
            return new Reply.InstanceCreated(view(existing));
        }
        drain.requireOff(host.name()); // a manager may have sent it before it knew
        Template template = templates.apply(command.template());
        DiskSize disk = Fit.of(template, command);
        census.reserve(number, command);
        Instance created;
        try {
            InstanceRecord record = creation.make(new InstanceId(host.name(), number), template, disk, command);
            fresh.add(number);
            created = new Instance(this, record, null);
            census.made(number, created);
        } finally {
            census.notInTheMaking(number);
        }
        changed(created);
        return new Reply.InstanceCreated(view(created));
    }

    /** Tells that nothing came of the creation that this number was reserved for. */
    public void notCreated(long number, String op) {
        listener.accept(new Event.InstanceNotCreated(new InstanceId(host.name(), number), op));
    }

    /**
     * Sees to it that the next instance of a size is a copy of a guest that has booted.
     *
     * @return its answer, when that is so, or at once when nobody waits for it
     * @throws CommandFailed when the template is unknown, asks for more memory, or cannot be copied, or we drain
     */
    public CompletableFuture<Reply> warm(WarmTemplate command) {
        drain.requireOff(host.name());
        Template template = templates.apply(command.template());
        Fit.requireMemory(template, command.memory(), command.cpus());
        CompletableFuture<Hypervisor.Warmed> warmed = hypervisor.warm(new GuestSpec(
                new InstanceId(host.name(), 0),
                new UUID(0, 0),
                store.root(),
                template,
                command.memory(),
                command.cpus(),
                host.bindAddress(),
                0));
        return command.awaited() || warmed.isDone()
                ? warmed.thenApply(this::warmed)
                : CompletableFuture.completedFuture(new Reply.TemplateWarmed(host.name(), Outcome.BEGUN, 0, 0));
    }

    private Reply warmed(Hypervisor.Warmed warmed) {
        Outcome outcome = warmed.millis() == 0 ? Outcome.THERE : Outcome.MADE;
        return new Reply.TemplateWarmed(host.name(), outcome, warmed.millis(), warmed.bytes());
    }

    /** Takes no new instances from now on, or takes them again, and tells so before it is answered. */
    public void drain(boolean wanted) {
        drain.set(wanted);
        listener.accept(new Event.ControllerHeartbeat(host.name(), capacity()));
    }

    /**
     * Takes a template away, if no instance is made of it; none can be made meanwhile.
     *
     * @param away what that is: it must be quick
     * @throws CommandFailed with {@link Reason#REFUSED} when there are some; says which
     */
    public void takeAway(String template, Runnable away) {
        census.takeAway(template, away);
        hypervisor.cool(template);
    }

    /** Hands a request to the instance it is about, never waiting; the answer comes when it is done. */
    public CompletableFuture<Reply> ask(Order order) {
        InstanceId id = order.request().id();
        Instance instance = census.get(id.number());
        return instance == null ? CompletableFuture.failedFuture(noSuchInstance(id)) : instance.ask(order);
    }

    /** The answer to a request that changes nothing as its instance is now; empty otherwise. Nothing is waited for. */
    public Optional<Reply> unchanged(Order order) {
        return Optional.ofNullable(census.get(order.request().id().number())).flatMap(one -> one.unchanged(order));
    }

    /** Sees to it that all of them are on the disk. To be called every few seconds; it may take long. */
    public void sync() {
        fresh.sync();
    }

    /** Clears up and lets each instance look after itself, see {@link Sweep}. To be called every few seconds. */
    public void sweep() {
        sweep.run(census.all());
    }

    /** Whether this instance exists. */
    public boolean has(long number) {
        return census.has(number);
    }

    /** Whether each of them could be started from what is on the disk. */
    public List<Finding> findings(String check) {
        List<Finding> damaged = new ArrayList<>();
        for (Instance one : census.all()) {
            try {
                hypervisor.check(spec(one.record()));
            } catch (CommandFailed failed) {
                damaged.add(Finding.of(check, failed));
            }
        }
        int count = census.all().size();
        if (damaged.isEmpty()) {
            return List.of(Finding.ok(check, count + ", each disk on what it was made from"));
        }
        List<Finding> findings = new ArrayList<>(damaged.subList(0, Math.min(MOST_FINDINGS, damaged.size())));
        if (damaged.size() > MOST_FINDINGS) {
            findings.add(Finding.fail(
                    check,
                    damaged.size() - MOST_FINDINGS + " more of " + count + " cannot be started",
                    "see to these first"));
        }
        return findings;
    }

    /** The file that keeps what its guest writes to the serial console. @throws CommandFailed {@link Reason#NOT_FOUND} */
    public Path consoleLog(InstanceId id) {
        if (!has(id.number())) {
            throw noSuchInstance(id);
        }
        return hypervisor.consoleLog(store.directory(id.number()));
    }

    /** The process of each that runs. */
    public Map<InstanceId, Long> processes() {
        Map<InstanceId, Long> processes = new HashMap<>();
        for (Instance one : census.all()) {
            one.state().running().ifPresent(guest -> processes.put(one.record().id(), guest.pid()));
        }
        return processes;
    }

    /** Whether its QEMU runs, or is being started. */
    public boolean running(InstanceId id) {
        Instance instance = census.get(id.number());
        return instance != null
                && (instance.state().running().isPresent() || instance.state() instanceof InstanceState.Starting);
    }

    /** What is left to give away; one that is being made counts already. */
    public Capacity capacity() {
        return census.capacity(drain.isOn());
    }

    /** All of them, ordered by number. */
    public List<InstanceView> views() {
        return census.all().stream()
                .sorted(Comparator.comparing(one -> one.record().id()))
                .map(this::view)
                .toList();
    }

    /** The highest number an instance has, or -1. */
    public long highestNumber() {
        return census.all().stream()
                .mapToLong(one -> one.record().id().number())
                .max()
                .orElse(-1);
    }

    /** Leaves the guests running and lets go of them. */
    @Override
    public void close() {
        listener = _ -> {};
        census.all().forEach(Instance::leave);
    }

    @Override
    public Hypervisor hypervisor() {
        return hypervisor;
    }

    @Override
    public InstanceStore store() {
        return store;
    }

    @Override
    public Ports ports() {
        return ports;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public GuestSpec spec(InstanceRecord record) {
        return record.spec(
                store.directory(record.id().number()), templates.apply(record.template()), host.bindAddress());
    }

    @Override
    public InstanceView view(Instance instance) {
        InstanceRecord record = instance.record();
        InstanceState state = instance.state();
        return new InstanceView(
                record.id(),
                record.name(),
                record.template(),
                record.memory(),
                record.cpus(),
                record.disk(),
                record.sshPort(),
                host.address(),
                record.login(),
                state.status(),
                Instant.ofEpochMilli(record.createdMillis()),
                instance.note(),
                state.boot(),
                record.ports(),
                record.diskMillis());
    }

    @Override
    public void keep(InstanceRecord record) {
        try {
            fresh.sync(record.id().number());
        } catch (IOException failed) {
            throw host.diskTrouble("cannot bring " + record.id() + " to its disk", failed);
        }
    }

    @Override
    public void save(InstanceRecord record) {
        keep(record);
        try {
            store.update(record);
        } catch (IOException full) {
            throw host.diskTrouble("cannot write the record of " + record.id(), full);
        }
    }

    @Override
    public void remove(Instance instance) {
        InstanceRecord record = instance.record();
        hypervisor.reap(store.directory(record.id().number()));
        try {
            store.remove(record.id().number());
        } catch (IOException stuck) {
            throw host.diskTrouble("cannot remove the files of " + record.id(), stuck);
        }
        census.remove(record.id().number());
        ports.release(Ports.ssh(record.sshPort()), record.id());
        record.ports().forEach(forward -> ports.release(forward.port(), record.id()));
        listener.accept(new Event.InstanceRemoved(record.id()));
    }

    @Override
    public void changed(Instance instance) {
        listener.accept(new Event.InstanceChanged(view(instance)));
    }

    @Override
    public CommandFailed noSuchInstance(InstanceId id) {
        return new CommandFailed(
                Reason.NOT_FOUND, "there is no instance " + id, "`kvm-cloud instances` lists those there are");
    }

    private void claimPorts(InstanceRecord record) {
        ports.claim(Ports.ssh(record.sshPort()), record.id());
        record.ports().forEach(forward -> ports.claim(forward.port(), record.id()));
    }

    private void load(InstanceRecord record) {
        Path directory = store.directory(record.id().number());
        Guest running =
                hypervisor.adopt(directory, record.uuid(), record.sshPort()).orElse(null);
        if (running == null) {
            hypervisor.reap(directory);
        } else {
            running.assure(record.ports());
        }
        census.found(record.id().number(), new Instance(this, record, running));
    }
}
