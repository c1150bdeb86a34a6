package io.kvmcloud.bench.speed;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.process.Part;
import io.kvmcloud.bench.process.Vitals;
import io.kvmcloud.bench.speed.Bench.Effort;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reply.ControllerList;
import io.kvmcloud.messages.RequestId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One manager and one broker as {@link SimulatedController}s grow from 1 to 1,000, each with a hundred instances. The
 * yardstick is the {@link Floor} on the same broker at the same moment: whatever a thousand connections cost, it pays as well.
 */
final class Scale {

    private static final int OUTSTANDING = 100;
    private static final int CALLS = 3;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration LONGEST_START = Duration.ofMinutes(10);

    private final Path root;
    private final Effort effort;
    private final Lab lab;
    private final Requester requester;
    private final Floor floor;
    private final List<Part> fleets = new ArrayList<>();
    private int controllers;

    private Scale(Path root, Effort effort, Lab lab, Requester requester, Floor floor) {
        this.root = root;
        this.effort = effort;
        this.lab = lab;
        this.requester = requester;
        this.floor = floor;
    }

    static Sheet measure(Path root, Effort effort, boolean profile, int most) throws IOException {
        List<ControllerName> names = IntStream.rangeClosed(1, most)
                .mapToObj(number -> new ControllerName("s" + number))
                .toList();
        try (Lab lab = new Lab(root, profile, names)) {
            lab.startWithoutController();
            try (Requester requester = lab.requester();
                    Floor floor = new Floor(lab)) {
                Scale scale = new Scale(root, effort, lab, requester, floor);
                ScaleSheet sheet = new ScaleSheet(Conditions.now(lab.brokerVersion()));
                CliRun.learnToStart(lab, root);
                for (int count : Stream.of(1, 10, 100, 1000)
                        .map(step -> Math.min(step, most))
                        .distinct()
                        .toList()) {
                    scale.grow(count);
                    sheet.add(scale.step());
                }
                return sheet.sheet();
            }
        }
    }

    /** Starts as many more as are missing, and waits until the manager knows what they have. */
    private void grow(int count) {
        Part fleet = lab.fleet(controllers + 1, count);
        fleets.add(fleet);
        controllers = count;
        fleet.start();
        lab.await(LONGEST_START, this::complete);
        say("is complete");
    }

    private ScaleStep step() throws IOException {
        floor.measure(
                OUTSTANDING, effort.warmUp()); // the last step has left a new manager, and some controllers are new
        kills(controllers, effort.warmUp());
        pairs(effort.warmUp());
        Map<String, Double> idle = idle();
        BrokerTotals totals = BrokerTotals.of(lab);
        say("idle: " + idle + " " + totals);
        Comparison comparison = new Comparison("floor");
        for (int round = 0; round < effort.rounds(); round++) {
            comparison.add(new Comparison.Case(OUTSTANDING, "floor"), floor.measure(OUTSTANDING, effort));
            comparison.add(new Comparison.Case(OUTSTANDING, "kill"), kills(controllers, effort));
            comparison.add(new Comparison.Case(OUTSTANDING, "kill on one host"), kills(1, effort));
            comparison.add(new Comparison.Case(OUTSTANDING, "new and delete"), pairs(effort));
        }
        say("commands: " + comparison.lines());
        double heap = Vitals.heap(lab.manager()) / 1024.0;
        Map<String, CliRun> cli = new LinkedHashMap<>();
        cli.put("instances", CliRun.median(lab, root, CALLS, "instances"));
        cli.put("filtered", CliRun.median(lab, root, CALLS, "instances", "status=online", "host=s1"));
        cli.put("names", CliRun.median(lab, root, CALLS, "instances", "-f", "value", "-c", "id,name"));
        cli.put("pattern", CliRun.median(lab, root, CALLS, "kill", "web-s1-*", "--dry-run"));
        say("command line: " + cli);
        double known = freshManager();
        double knownUnderLoad = underLoad(this::freshManager);
        say("a new manager knows all after " + known + " s, under load after " + knownUnderLoad + " s");
        double resident = Vitals.resident(lab.node()) / 1024.0;
        return new ScaleStep(controllers, comparison.lines(), idle, totals, heap, resident, known, knownUnderLoad, cli);
    }

    /** Percent of one processor that each needs while nobody asks for anything. */
    private Map<String, Double> idle() {
        Map<String, Supplier<Duration>> cpu = cpu();
        Map<String, Duration> before = new LinkedHashMap<>();
        cpu.forEach((program, now) -> before.put(program, now.get()));
        Meter.sleep(IDLE);
        Map<String, Double> percent = new LinkedHashMap<>();
        before.forEach((program, used) -> percent.put(
                program,
                100.0 * cpu.getOrDefault(program, () -> used).get().minus(used).toNanos() / IDLE.toNanos()));
        return percent;
    }

    private Map<String, Supplier<Duration>> cpu() {
        Map<String, Supplier<Duration>> cpu = new LinkedHashMap<>();
        cpu.put("client", Meter::own);
        cpu.put("manager", lab.manager()::cpu);
        cpu.put("controllers", () -> fleets.stream().map(Part::cpu).reduce(Duration.ZERO, Duration::plus));
        cpu.put("broker", lab.node()::cpu);
        return cpu;
    }

    /** Of instances on so many hosts, which stay as they are. */
    private Sample kills(int hosts, Effort one) {
        return Askers.measure(OUTSTANDING, _ -> requester.ask(new KillInstance(any(hosts)), DEADLINE), one, cpu());
    }

    /** Each makes an instance with a name, wherever there is room, and removes it. */
    private Sample pairs(Effort one) {
        return Askers.measure(
                OUTSTANDING,
                _ -> {
                    NewInstance wanted = new NewInstance(Lab.TEMPLATE, MemorySize.ofMebibytes(64), 1, List.of())
                            .named("n-" + RequestId.next(Clock.systemUTC()));
                    InstanceId made = requester.ask(wanted, DEADLINE).instance().id();
                    requester.ask(new DeleteInstance(made, false), DEADLINE);
                },
                one,
                cpu());
    }

    private static InstanceId any(int hosts) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new InstanceId(
                new ControllerName("s" + random.nextInt(1, hosts + 1)),
                SimulatedController.FIRST + random.nextInt(SimulatedController.INSTANCES));
    }

    /** Seconds from the start of the process until it knows all. */
    private double freshManager() {
        lab.manager().end();
        long began = System.nanoTime();
        lab.manager().start();
        lab.await(LONGEST_START, this::complete);
        return (System.nanoTime() - began) / 1e9;
    }

    /** While the {@link #floor} takes all of the broker and of the processors that it can get. */
    private double underLoad(DoubleSupplier measured) {
        AtomicBoolean over = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> load = threads.submit(() -> {
                while (!over.get()) {
                    floor.measure(OUTSTANDING, effort);
                }
                return null;
            });
            try {
                return measured.getAsDouble();
            } finally {
                over.set(true);
                requireLoaded(load);
            }
        }
    }

    private static void requireLoaded(Future<?> load) {
        try {
            load.get();
        } catch (InterruptedException | ExecutionException ended) {
            throw new IllegalStateException("there was no load any more", ended);
        }
    }

    /** Whether the manager has what each controller has told of itself. */
    private boolean complete() {
        try {
            return Page.all(
                                    page -> requester.ask(new ListControllers(page), DEADLINE),
                                    ControllerList::controllers,
                                    ControllerList::next)
                            .stream()
                            .mapToInt(row -> row.controller().capacity().instances())
                            .sum()
                    >= controllers * SimulatedController.INSTANCES;
        } catch (CommandFailed noManagerYet) {
            return false;
        }
    }

    private void say(String what) {
        System.err.println(controllers + " controllers: " + what);
    }
}
