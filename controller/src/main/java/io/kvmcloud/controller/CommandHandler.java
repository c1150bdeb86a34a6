package io.kvmcloud.controller;

import io.kvmcloud.controller.instance.Instances;
import io.kvmcloud.controller.instance.Order;
import io.kvmcloud.controller.journal.Journal;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.DrainController;
import io.kvmcloud.messages.Command.ExamineHost;
import io.kvmcloud.messages.Command.MeasureHost;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.Command.UndrainController;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What each command does here: one arm a command. */
record CommandHandler(
        Instances instances,
        TemplateDesk templates,
        Journal journal,
        Examination examination,
        Measurement measurement) {

    /** Soon enough for a person who types into the console. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    /**
     * Carries a command out; doing it again finds it done. What is asked of an instance is only handed to it here, without
     * waiting, so two requests for one instance keep the order in which they come here.
     *
     * @param again whether an earlier life of this controller may have begun it
     * @return its answer, exceptionally a {@link CommandFailed}
     */
    CompletableFuture<Reply> handle(Journal.Entry entry, boolean again) {
        return switch (entry.command()) {
            case NewInstance creation -> CompletableFuture.completedFuture(instances.create(entry.number(), creation));
            case DeleteInstance deletion
            when isGone(deletion) -> CompletableFuture.completedFuture(new Reply.InstanceDeleted(deletion.id()));
            case Command.Addressed<?> request -> instances.ask(order(request, entry, again));
            case WarmTemplate request -> instances.warm(request);
            case DrainController(var name) -> {
                instances.drain(true);
                yield CompletableFuture.completedFuture(
                        new Reply.ControllerDrained(name, instances.capacity().instances()));
            }
            case UndrainController(var name) -> {
                instances.drain(false);
                yield CompletableFuture.completedFuture(
                        new Reply.ControllerUndrained(name, instances.capacity().instances()));
            }
            case Command.VerifyTemplates request -> templates.verify(request);
            case Command.ImportTemplate request -> templates.make(request);
            case Command.RemoveTemplate request -> templates.remove(request, again);
            case Command.TidyTemplates request -> templates.tidy(request);
            case Command.Inspection<?> inspection -> CompletableFuture.completedFuture(inspect(inspection));
            case Command.Query<?> _, Command.Administration<?> _ ->
                throw new CommandFailed(
                        Reason.INVALID,
                        entry.command().wireName() + " is answered by a manager",
                        "publish it to kvm.commands");
        };
    }

    /** The answer to what is asked of an instance and changes nothing as it is now; empty otherwise. */
    Optional<Reply> unchanged(Journal.Entry entry) {
        return entry.command() instanceof Command.Addressed<?> request
                ? instances.unchanged(order(request, entry, false))
                : Optional.empty();
    }

    private static Order order(Command.Addressed<?> request, Journal.Entry entry, boolean again) {
        return new Order(request, entry.requestId(), entry.accepted(), entry.deadline(), again);
    }

    /** Answers what only looks. */
    Reply inspect(Command.Inspection<?> inspection) {
        return switch (inspection) {
            case ReadLog request -> read(request);
            case ExamineHost _ -> examination.answer();
            case MeasureHost _ -> measurement.answer();
        };
    }

    /** Numbers are never used again, so one that was given out and is not here was deleted. */
    private boolean isGone(DeleteInstance deletion) {
        long number = deletion.id().number();
        return !instances.has(number) && journal.gaveOut(number);
    }

    /** Who asks has a thread of his own. */
    private Reply read(ReadLog request) {
        try {
            boolean before = instances.running(request.id());
            boolean running = before;
            LogPart part = part(request);
            for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(request.seconds());
                    part.text().isEmpty() && running == before && System.nanoTime() < end;
                    part = part(request)) {
                Thread.sleep(LOOK_AGAIN);
                running = instances.running(request.id()); // first: what it has written last is read after that
            }
            return new Reply.InstanceLog(request.id(), part.text(), part.from(), part.next(), running);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(Reason.FAILED, "interrupted while waiting for the console log", "", interrupted);
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "the console log of " + request.id() + " cannot be read: " + unreadable.getMessage(),
                    "",
                    unreadable);
        }
    }

    private LogPart part(ReadLog request) throws IOException {
        Path log = instances.consoleLog(request.id());
        return request.since() < 0 ? LogPart.end(log, request.lines()) : LogPart.since(log, request.since());
    }
}
