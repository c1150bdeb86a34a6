package io.kvmcloud.cli;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.ManagementAddress;
import io.kvmcloud.amqp.Users;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.Ping;
import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.EventRow;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.RefusedTemplate;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.WarmView;
import io.kvmcloud.settings.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A cloud without a broker: two instances and one template, good enough to be listed, started and removed. */
final class FakeCloud implements Cloud.Opener, Cloud.Line {

    static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

    final List<Command<?>> asked = new CopyOnWriteArrayList<>();
    /** What s1/1000 writes to its console while it is followed. */
    final Deque<Reply.InstanceLog> console = new ArrayDeque<>();
    /** What s1 tells of what its guests use; null while it does not. */
    volatile Reply.@Nullable HostMeasured measured =
            new Reply.HostMeasured(new ControllerName("s1"), CREATED, 0.75, 8, List.of(), List.of());
    /** Whether it is still there when it has written all that. */
    volatile boolean silent;
    /** How many questions for what it writes then get no answer. */
    final AtomicInteger lost = new AtomicInteger();
    /** Why it is not typed into. */
    volatile Reply.@Nullable Failure typing;

    final List<ManagementAddress> administered = new CopyOnWriteArrayList<>();
    final FakeUsers users = new FakeUsers();
    final FakeTemplates templates = new FakeTemplates();

    final List<BrokerAddress> opened = new CopyOnWriteArrayList<>();
    final List<OpId.Op> ops = new CopyOnWriteArrayList<>();
    final List<Duration> deadlines = new CopyOnWriteArrayList<>();
    final NavigableMap<InstanceId, InstanceRow> rows = new ConcurrentSkipListMap<>();

    volatile String deletionNote = "";
    List<DeadLetter> letters = List.of(
            new DeadLetter(
                    "5e0c9a71",
                    "2026-01-02T03:04:05.678Z",
                    "controller s2 did not pick the command up",
                    "alice",
                    "instance.kill",
                    "write.instance.kill.s2.2000",
                    16),
            new DeadLetter("0b7d44f2", "", "put there by s1", "", "", "kvm.dead-letters", 1048576));

    /** How many fit into a message. */
    int mostRows = 1000;

    /** Where the next instances' SSH is. */
    int nextPort = 2302;

    private final AtomicInteger count = new AtomicInteger();

    /** What an older release than ours does not know. */
    volatile @Nullable Class<? extends Command<?>> unknown;

    /** The clock and the version of who is examined. */
    volatile Supplier<Instant> clock = Instant::now;

    volatile String version = Version.current();

    /** When set, everything fails with it. */
    volatile Reply.@Nullable Failure failure;

    FakeCloud() {
        put(instance("s1/1000", InstanceStatus.ONLINE, 2200, ""), 0.4, true);
        put(instance("s2/2000", InstanceStatus.OFFLINE, 2301, ""), 0.4, true);
    }

    static InstanceView instance(String id, InstanceStatus status, int port, String note) {
        return instance(id, status, port, note, BootReport.NONE, List.of());
    }

    private static InstanceView instance(
            String id, InstanceStatus status, int port, String note, BootReport boot, List<Forward> forwards) {
        return new InstanceView(
                InstanceId.parse(id),
                "",
                "cirros",
                MemorySize.ofMebibytes(64),
                2,
                DiskSize.OF_TEMPLATE,
                port,
                "127.0.0.1",
                "cirros",
                status,
                CREATED,
                note,
                boot,
                forwards,
                12);
    }

    /** The same with a name on a disk of a size. */
    static InstanceView named(InstanceView instance, String name, DiskSize disk) {
        return new InstanceView(
                instance.id(),
                name,
                instance.template(),
                instance.memory(),
                instance.cpus(),
                disk,
                instance.sshPort(),
                instance.address(),
                instance.login(),
                instance.status(),
                instance.created(),
                instance.note(),
                instance.boot(),
                instance.forwards(),
                instance.diskMillis());
    }

    /** One more that is OFFLINE. */
    void put(String id, String name) {
        put(named(instance(id, InstanceStatus.OFFLINE, 2300, ""), name, DiskSize.OF_TEMPLATE), 0.4, true);
    }

    void put(InstanceView instance, double ageSeconds, boolean reachable) {
        rows.put(instance.id(), new InstanceRow(instance, ageSeconds, reachable));
    }

    @Override
    public Users users(ManagementAddress address) {
        administered.add(address);
        return users;
    }

    @Override
    public Cloud.Line open(BrokerAddress address) {
        opened.add(address);
        return this;
    }

    @Override
    @SuppressWarnings("unchecked") // the type parameter of a command is the type of its answer
    public <R extends Reply> R ask(Command<R> command, OpId.Op op, Duration deadline) {
        asked.add(command);
        ops.add(op);
        deadlines.add(deadline);
        if (failure != null) {
            throw new CommandFailed(failure).of(command instanceof Command.Query<?> ? "" : op.id());
        }
        if (unknown != null && unknown.isInstance(command)) {
            throw new CommandFailed(Reason.INVALID, "there is no '" + command.wireName() + "'", "");
        }
        return (R) answer(command);
    }

    @Override
    public String broker() {
        return "RabbitMQ 4.0.5";
    }

    @Override
    public void close() {}

    private Reply.InstanceList instances(Page page) {
        List<InstanceRow> left = rows.values().stream()
                .filter(row ->
                        page.after().isEmpty() || row.instance().id().compareTo(InstanceId.parse(page.after())) > 0)
                .toList();
        List<InstanceRow> part = left.subList(0, Math.min(left.size(), mostRows));
        boolean last = part.size() == left.size();
        return new Reply.InstanceList(
                part, last ? "" : part.getLast().instance().id().toString());
    }

    private Reply answer(Command<?> command) {
        return switch (command) {
            case ListInstances(var page) -> instances(page);
            case ListTemplates _ ->
                new Reply.TemplateList(
                        List.of(new TemplateRow(FakeTemplates.CIRROS, List.of(new ControllerName("s1")))));
            case ListControllers _ -> new Reply.ControllerList(controllers());
            case Command.ListEvents wish -> events(wish);
            case Command.ShowOp show ->
                new Reply.OpShown(new OpView(
                        show.op(),
                        "write.instance.run.s2.2000",
                        OpStatus.FAILED,
                        "QEMU died",
                        "look at it",
                        List.of(
                                new OpStep(CREATED, "m1", "sent to s2"),
                                new OpStep(CREATED.plusSeconds(1), "s2", "taken"))));
            case Ping _ -> new Reply.Pong("m1");
            case NewInstance wanted -> {
                InstanceView made = named(
                        instance(
                                "s2/" + (2001 + count.getAndIncrement()),
                                InstanceStatus.OFFLINE,
                                nextPort,
                                "",
                                BootReport.NONE,
                                wanted.forwards().stream()
                                        .map(FakeCloud::chosen)
                                        .toList()),
                        wanted.name(),
                        wanted.disk());
                put(made, 0, true);
                yield new Reply.InstanceCreated(made);
            }
            case RunInstance run ->
                new Reply.InstanceStarted(
                        changed(run.id(), InstanceStatus.ONLINE, BootReport.cold(45, "no warm state yet")));
            case RestartInstance restart -> new Reply.InstanceStarted(changed(restart.id(), InstanceStatus.ONLINE));
            case PauseInstance pause -> new Reply.InstancePaused(changed(pause.id(), InstanceStatus.PAUSED));
            case ResumeInstance resume -> new Reply.InstanceStarted(changed(resume.id(), InstanceStatus.ONLINE));
            case KillInstance kill -> new Reply.InstanceStopped(changed(kill.id(), InstanceStatus.OFFLINE));
            case StopInstance stop -> new Reply.InstanceStopped(changed(stop.id(), InstanceStatus.OFFLINE));
            case DeleteInstance delete -> {
                rows.remove(delete.id());
                yield new Reply.InstanceDeleted(delete.id(), deletionNote);
            }
            case Command.ExamineCloud _ ->
                new Reply.CloudExamined(
                        "m1",
                        version,
                        clock.get(),
                        List.of(
                                Finding.ok("queues", "all 3 have a consumer"),
                                Finding.warn("dead letters", "2 messages", "`kvm-cloud dead-letters` shows why")));
            case Command.ExamineHost(var name) ->
                new Reply.HostExamined(name, version, clock.get(), List.of(Finding.ok("qemu", "QEMU 10.0.2")));
            case Command.MeasureHost _ -> {
                if (measured == null) {
                    throw away();
                }
                yield measured;
            }
            case Command.DrainController(var name) -> new Reply.ControllerDrained(name, 3);
            case Command.UndrainController(var name) -> new Reply.ControllerUndrained(name, 3);
            case Command.ForgetController(var name) -> forgotten(name);
            case Command.ListDeadLetters _ -> new Reply.DeadLetterList(letters, letters.size());
            case Command.ShowDeadLetter show ->
                new Reply.DeadLetterShown(letters.getFirst(), List.of("attempt: 0"), "{\"id\":\"s2/2000\"}");
            case Command.DropDeadLetters(var ids) -> new Reply.DeadLettersSettled(ids, List.of());
            case Command.RequeueDeadLetters(var ids) ->
                new Reply.DeadLettersSettled(
                        ids.subList(0, 1),
                        ids.stream()
                                .skip(1)
                                .map(id -> new Reply.DeadLettersSettled.Refused(
                                        id,
                                        Reason.REFUSED,
                                        "dead letter " + id + " cannot be sent again: it is no command",
                                        ""))
                                .toList());
            case AddForward add -> {
                InstanceView before = Objects.requireNonNull(rows.get(add.id())).instance();
                Forward forward = chosen(add.forward());
                yield new Reply.InstanceForwarded(forwarding(before, List.of(forward)), forward);
            }
            case RemoveForward remove ->
                new Reply.InstanceUnforwarded(
                        forwarding(Objects.requireNonNull(rows.get(remove.id())).instance(), List.of()));
            case TypeInput(var id, var line, var number, var _) -> {
                if (typing != null) {
                    throw new CommandFailed(typing);
                }
                yield new Reply.InstanceTyped(id, line, number);
            }
            case WarmTemplate warm -> templates.warmed(warm);
            case Command.VerifyTemplates verify -> templates.verified(verify);
            case Command.ImportTemplate made -> templates.imported(made);
            case Command.RemoveTemplate removed -> templates.removed(removed);
            case Command.TidyTemplates tidy -> templates.tidied(tidy);
            case ReadLog log
            when log.since() < 0 ->
                new Reply.InstanceLog(log.id(), "[    0.0] \u001b[1;32mbooting\u001b[0m\r\nlogin: ", 0L, 38L);
            case ReadLog log -> logged(log);
            default -> throw new AssertionError("the fake does not know " + command);
        };
    }

    static CommandFailed away() {
        return new CommandFailed(Reason.UNREACHABLE, "controller s2 is not connected", "ask again when it is back");
    }

    private static Reply forgotten(ControllerName name) {
        if (name.value().equals("s1")) {
            throw new CommandFailed(Reason.REFUSED, "controller s1 is connected (last seen 1 s ago)", "stop it first");
        }
        return new Reply.ControllerForgotten(name, 3, 0);
    }

    private static Forward chosen(Forward wanted) {
        return wanted.host() == 0 ? wanted.at(30_080) : wanted;
    }

    private InstanceView forwarding(InstanceView before, List<Forward> forwards) {
        InstanceView after = named(
                instance(before.id().toString(), before.status(), before.sshPort(), "", before.boot(), forwards),
                before.name(),
                before.disk());
        put(after, 0, true);
        return after;
    }

    /** One part after the other, then the instance is deleted. */
    private Reply.InstanceLog logged(ReadLog log) {
        if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new CommandFailed(Reason.TIMED_OUT, "no answer in time", "ask again");
        }
        if (console.isEmpty() && silent) {
            LockSupport.parkNanos(1_000_000);
            return new Reply.InstanceLog(log.id(), "", log.since(), log.since());
        }
        if (console.isEmpty()) {
            throw new CommandFailed(
                    Reason.NOT_FOUND, "there is no instance " + log.id(), "`kvm-cloud instances` lists them");
        }
        return console.removeFirst();
    }

    private InstanceView changed(InstanceId id, InstanceStatus status) {
        return changed(id, status, BootReport.NONE);
    }

    private InstanceView changed(InstanceId id, InstanceStatus status, BootReport boot) {
        InstanceRow row = rows.get(id);
        if (row == null) {
            throw new CommandFailed(Reason.NOT_FOUND, "there is no instance " + id, "");
        }
        if (row.instance().status() == status) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "instance " + id + " is already " + status,
                    "`kvm-cloud info " + id + "` tells more");
        }
        InstanceView changed = named(
                instance(
                        id.toString(),
                        status,
                        row.instance().sshPort(),
                        "",
                        boot,
                        row.instance().forwards()),
                row.instance().name(),
                row.instance().disk());
        put(changed, 0, true);
        return changed;
    }

    /** Three by now, then one each time it is waited for, and at last none can be heard of. */
    private Reply events(Command.ListEvents wish) {
        if (wish.since() == 0) {
            return new Reply.EventList(
                    List.of(
                            new EventRow(CREATED, "s2/2000", "web-1", "CREATED", ""),
                            new EventRow(CREATED.plusSeconds(1), "s2/2000", "web-1", "ONLINE", ""),
                            new EventRow(CREATED.plusSeconds(2), "s1", "", "SILENT", "last heard of 6 s ago")),
                    3);
        }
        if (wish.since() > 4) {
            throw new CommandFailed(Reason.TIMED_OUT, "the manager did not answer within 30 s", "");
        }
        return new Reply.EventList(
                List.of(new EventRow(CREATED.plusSeconds(wish.since()), "s2/2000", "web-1", "OFFLINE", "")),
                wish.since() + 1);
    }

    private static List<ControllerRow> controllers() {
        List<ControllerRow> rows = new ArrayList<>();
        var capacity = new Capacity(8192, 1024, 32, 2, 3);
        rows.add(new ControllerRow(
                new ControllerView(
                        new ControllerName("s1"),
                        "alpha",
                        "0.1.0",
                        "tcg",
                        "no /dev/kvm",
                        capacity,
                        List.of(FakeTemplates.CIRROS),
                        List.of(new RefusedTemplate("old", "disk.qcow2 is missing")),
                        List.of(
                                new WarmView("cirros", MemorySize.ofMebibytes(128), 1, 150_994_944),
                                new WarmView("cirros", MemorySize.ofMebibytes(2048), 2, 2_200_000_000L),
                                new WarmView("other", MemorySize.ofMebibytes(128), 1, 150_994_944))),
                1,
                true));
        rows.add(new ControllerRow(
                new ControllerView(
                        new ControllerName("s2"),
                        "beta",
                        "0.1.0",
                        "kvm",
                        "",
                        capacity,
                        List.of(FakeTemplates.CIRROS),
                        List.of()),
                61.4,
                false));
        return rows;
    }
}
