package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ListEvents;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.EventRow;
import io.kvmcloud.messages.Reply.EventList;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code events}: what happened to instances and controllers, and what happens then. */
@Command(
        name = "events",
        description = "Show what has happened to instances and controllers.",
        footer = {"kvm-cloud events", "kvm-cloud events subject=s2/2000", "kvm-cloud events -f event!=CHANGED"})
final class EventsCommand implements Callable<Integer> {

    private static final int SECONDS = 10;
    /** What somebody who follows sees of what was before. */
    private static final int LAST = 10;
    /** A manager whom many ask does not wait: then we do. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** On its own, because every verb's class is loaded at each start, and time zones take 10 ms. */
    private static final class Local {
        static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
    }

    private final Cloud cloud;

    @Mixin
    private final Listing<EventRow> listing;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what happens; Ctrl-C ends it.")
    private boolean follow;

    EventsCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        listing = new Listing<>(output, EventsCommand::columns);
    }

    private static Columns<EventRow> columns() {
        return new Columns<EventRow>()
                .with("subject", "subject", EventRow::subject)
                .with("at", "at", EventRow::at)
                .with("event", "event", EventRow::event)
                .with("name", "name", EventRow::name)
                .with("note", "note", EventRow::note)
                .line(EventsCommand::line);
    }

    private static String line(EventRow row) {
        return "%s  %-8s  %-11s  %s"
                .formatted(
                        Local.TIME.format(row.at()),
                        row.subject(),
                        row.event(),
                        row.name() + (row.name().isEmpty() || row.note().isEmpty() ? "" : ": ") + row.note())
                .stripTrailing();
    }

    @Override
    public Integer call() {
        EventList events = cloud.ask(new ListEvents(0L, 0));
        if (!follow) {
            listing.show(events.events(), "nothing has happened since the manager was started");
            return 0;
        }
        List<EventRow> before = events.events();
        tell(before.subList(Math.max(0, before.size() - LAST), before.size()));
        ReaderWatch.whileRead(() -> follow(events.next()));
        return 0;
    }

    private void follow(long first) {
        long next = first;
        try {
            while (true) {
                long asked = System.nanoTime();
                EventList events = cloud.ask(new ListEvents(next, SECONDS));
                tell(events.events());
                if (events.events().isEmpty() && System.nanoTime() - asked < PAUSE.toNanos()) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
                next = events.next();
            }
        } catch (CommandFailed failed) {
            if (!Thread.currentThread().isInterrupted()) {
                throw failed;
            }
        }
    }

    private void tell(List<EventRow> rows) {
        rows.stream().filter(listing::wants).forEach(row -> listing.next(row, line(row)));
    }
}
