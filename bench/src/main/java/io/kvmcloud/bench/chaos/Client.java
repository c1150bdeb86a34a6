package io.kvmcloud.bench.chaos;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.Requester;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Reply.InstanceCreated;
import io.kvmcloud.messages.Reply.InstanceDeleted;
import io.kvmcloud.messages.Reply.InstanceStarted;
import io.kvmcloud.messages.Reply.InstanceStopped;
import io.kvmcloud.messages.RequestId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One client: asks for one thing after the other about instances that are its own, and asks again under the same request id
 * until it knows what became of it. Its connection can be cut, and it can be "killed": it then connects anew and asks again,
 * knowing nothing but the id.
 */
final class Client implements AutoCloseable {

    /** The only template there is. */
    static final String TEMPLATE = "empty";

    private static final int MOST_INSTANCES = 3;
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final int STOP_SECONDS = 4;

    private final String name;
    private final Random random;
    private final Wire wire;
    private final BrokerAddress address;
    private final List<Ask> asks = new ArrayList<>();
    private final List<Mine> mine = new ArrayList<>();
    private final List<Mine> deleted = new ArrayList<>();
    private final List<String> surprises = new ArrayList<>();
    private volatile @Nullable Requester requester;
    private volatile boolean leaving;
    private volatile Instant answered = Instant.MIN;

    Client(String name, long seed, Wire wire, BrokerAddress address) {
        this.name = name;
        this.random = new Random(seed);
        this.wire = wire;
        this.address = address;
    }

    /** Goes on until {@link #leave}. */
    void run() {
        while (!leaving) {
            step();
            LockSupport.parkNanos(random.nextLong(150_000_000));
        }
    }

    /** Finishes what it is at, and asks for nothing more. */
    void leave() {
        leaving = true;
    }

    /** Dies in the middle of whatever it does, and is there again with nothing but its request id. */
    void die() {
        wire.cut();
        Requester lost = requester;
        requester = null;
        if (lost != null) {
            lost.close();
        }
    }

    Wire wire() {
        return wire;
    }

    /** All it has asked; to be read when it has ended. */
    List<Ask> asks() {
        return asks;
    }

    /** Whether something that it asked for after this has been answered; from any thread. */
    boolean answeredSince(Instant when) {
        return !answered.isBefore(when);
    }

    /** Instances it was told exist. */
    List<Mine> mine() {
        return mine;
    }

    /** Instances it was told are gone. */
    List<Mine> deleted() {
        return deleted;
    }

    /** Answers that cannot be true when every command has one effect. */
    List<String> surprises() {
        return surprises;
    }

    @Override
    public void close() {
        die();
        wire.close();
    }

    private void step() {
        int dice = random.nextInt(100);
        if (mine.isEmpty() || (mine.size() < MOST_INSTANCES && dice < 25)) {
            create();
            return;
        }
        Mine one = mine.get(random.nextInt(mine.size()));
        if (dice < 55) {
            run(one);
        } else if (dice < 75) {
            end(one, new KillInstance(one.id()));
        } else if (dice < 82) {
            end(one, new StopInstance(one.id(), STOP_SECONDS, false));
        } else {
            delete(one);
        }
    }

    private void create() {
        Ask ask = ask(new NewInstance(TEMPLATE, MemorySize.ofMebibytes(64), 1, List.of()));
        if (ask.outcome() instanceof Ask.Answered(InstanceCreated created)) {
            mine.add(new Mine(created.instance().id(), ask.requestId(), Mine.Power.OFF, Instant.now(), Instant.now()));
        }
    }

    private void run(Mine one) {
        Instant asked = Instant.now();
        Ask ask = ask(new RunInstance(one.id()));
        Mine.Power after = switch (ask.outcome()) {
            case Ask.Answered(InstanceStarted started) -> Mine.Power.ON;
            case Ask.Answered(Failure(var reason, var message, var hint))
            when reason == Reason.REFUSED -> {
                if (one.power() == Mine.Power.OFF) {
                    surprises.add(ask + " was the first to run it, and was told: " + message);
                }
                yield Mine.Power.ON;
            }
            case Ask.Answered _, Ask.Unknown _ -> Mine.Power.UNKNOWN;
            case Ask.NothingDone _ -> one.power();
        };
        now(one, after, asked);
    }

    private void end(Mine one, Command.Addressed<InstanceStopped> command) {
        Instant asked = Instant.now();
        Mine.Power after = switch (ask(command).outcome()) {
            case Ask.Answered(InstanceStopped stopped) -> Mine.Power.OFF;
            case Ask.Answered _, Ask.Unknown _ -> Mine.Power.UNKNOWN;
            case Ask.NothingDone _ -> one.power();
        };
        now(one, after, asked);
    }

    private void delete(Mine one) {
        switch (ask(new DeleteInstance(one.id(), true)).outcome()) {
            case Ask.Answered(InstanceDeleted gone) -> {
                mine.remove(one);
                deleted.add(one);
            }
            case Ask.Answered _, Ask.Unknown _ -> now(one, Mine.Power.UNKNOWN, Instant.now());
            case Ask.NothingDone _ -> {}
        }
    }

    private void now(Mine one, Mine.Power power, Instant asked) {
        mine.set(mine.indexOf(one), one.become(power, asked));
    }

    private Ask ask(Command<?> command) {
        String requestId = RequestId.next(Clock.systemUTC());
        long began = System.nanoTime();
        int sendings = 0;
        Map<Instant, String> words = new LinkedHashMap<>();
        String lastWords = "";
        while (System.nanoTime() - began < PATIENCE.toNanos()) {
            Instant sent = Instant.now();
            try {
                Requester line = line();
                sendings++;
                Reply reply = sendings == 1
                        ? line.ask(command, requestId, DEADLINE)
                        : line.askAgain(command, requestId, DEADLINE);
                return noted(requestId, command, new Ask.Answered(reply), sendings, words, began);
            } catch (CommandFailed failed) {
                Failure failure = failed.failure();
                if (isAnswer(failure, sent, lastWords)) {
                    return noted(requestId, command, new Ask.Answered(failure), sendings, words, began);
                }
                if (failure.message().contains("nothing was done") && sendings == 1 && random.nextBoolean()) {
                    return noted(requestId, command, new Ask.NothingDone(), sendings, words, began);
                }
                lastWords = failure.message();
                words.put(Instant.now(), lastWords);
            }
            LockSupport.parkNanos(random.nextLong(200_000_000, 800_000_000));
        }
        return noted(requestId, command, new Ask.Unknown(lastWords), sendings, words, began);
    }

    /**
     * Whether it is the outcome; else nobody there knew it, or nobody was there. A time-out is one when it is said again word
     * for word: that is from a journal. Who does not know names the time that he waited for, another one for each sending.
     */
    private static boolean isAnswer(Failure failure, Instant sent, String lastWords) {
        return switch (failure.reason()) {
            case FAILED, INVALID, NOT_FOUND, REFUSED -> true;
            case UNREACHABLE -> false;
            case TIMED_OUT ->
                failure.message().equals(lastWords)
                        && Instant.now().isBefore(sent.plus(DEADLINE).minusSeconds(1));
        };
    }

    private Ask noted(
            String requestId,
            Command<?> command,
            Ask.Outcome outcome,
            int sendings,
            Map<Instant, String> words,
            long began) {
        Ask ask = new Ask(
                requestId,
                command,
                outcome,
                sendings,
                Duration.ofNanos(System.nanoTime() - began),
                Instant.now(),
                words);
        if (outcome instanceof Ask.Answered(Failure(var reason, var message, var hint)) && reason == Reason.NOT_FOUND) {
            surprises.add(ask + " is about something that is there, and was told: " + message);
        }
        asks.add(ask);
        if (ask.acknowledged()) {
            answered = ask.ended().minus(ask.took());
        }
        return ask;
    }

    private Requester line() {
        Requester open = requester;
        if (open == null) {
            open = Requester.open(address, "kvm-cli chaos " + name, "kvm-chaos/1");
            requester = open;
        }
        return open;
    }
}
