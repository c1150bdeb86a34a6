package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Paused;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** What to do about a request in a state: the whole policy, and nothing but it. */
sealed interface Decision {

    /** A hint. */
    String IN_A_MOMENT = "try again in a moment";

    /** Start QEMU. */
    record Start() implements Decision {}

    /** Ask the guest to power down until it does; a restart goes on from there. */
    record AskToStop(Guest guest, int seconds) implements Decision {}

    /** Freeze the guest. */
    record Pause(Guest guest) implements Decision {}

    /** Let the guest go on. */
    record Resume(Guest guest) implements Decision {}

    /** End QEMU now, or its start. */
    record End() implements Decision {}

    /** End QEMU if there is one, and remove everything. */
    record Remove() implements Decision {}

    /** Make a port of the host lead to it. */
    record AddPort(Forward wanted) implements Decision {}

    /** Make it lead nowhere. */
    record RemovePort(Forward.Port port) implements Decision {}

    /** Type into its serial console. */
    record Type(Guest guest, TypeInput input) implements Decision {}

    /** Keep in mind that somebody types there from now on. */
    record OpenLine(TypeInput input) implements Decision {}

    /** What was asked for is so already. */
    record Nothing() implements Decision {}

    /** What was asked for is under way; it is answered as whoever asked first. */
    record Join(CompletableFuture<Reply> asked) implements Decision {}

    /** Not in this state, or too late. */
    record Refuse(Failure failure) implements Decision {}

    /**
     * The policy. What an earlier life may have begun is done when what it wanted is so; that is asked before the clock,
     * since what has been done in time is no less done.
     */
    static Decision of(Order order, InstanceState state, Instant now) {
        if (order.again() && startedAlready(order, state)) {
            return new Nothing();
        }
        if (order.again() && isStart(order.request()) && state instanceof Starting starting) {
            return new Join(starting.asked());
        }
        Decision decision = inTime(order.request(), state);
        boolean late = now.isAfter(order.deadline()) && !(order.again() && decision instanceof Nothing);
        return late ? new Refuse(tooLate(order, state)) : decision;
    }

    private static boolean isStart(Command.Addressed<?> request) {
        return request instanceof RunInstance || request instanceof RestartInstance;
    }

    private static boolean startedAlready(Order order, InstanceState state) {
        return state instanceof Online(var guest)
                && (order.request() instanceof RunInstance
                        || order.request() instanceof RestartInstance
                                && !guest.started().isBefore(order.accepted()));
    }

    private static Decision inTime(Command.Addressed<?> request, InstanceState state) {
        return switch (request) {
            case RunInstance(var id) ->
                switch (state) {
                    case Offline _, Failed _ -> new Start();
                    case Starting _ ->
                        refuse(
                                id,
                                "is starting already",
                                "`kvm-cloud ssh " + id + "` waits until it answers, `kvm-cloud kill " + id
                                        + "` ends it");
                    case Online _ ->
                        refuse(
                                id,
                                "is already online",
                                "`kvm-cloud ssh " + id + "` logs in, `kvm-cloud kill " + id + "` stops it");
                    case Paused _ -> refuse(id, "is paused", letItGoOn(id));
                    case Stopping _ ->
                        refuse(
                                id,
                                "is stopping",
                                "run it again when it is offline, or `kvm-cloud kill " + id + "` to end it now");
                };
            case StopInstance(var id, var seconds, var _) ->
                switch (state) {
                    case Offline _, Failed _ -> new Nothing();
                    case Online(var guest) -> new AskToStop(guest, seconds);
                    case Paused _ -> refuse(id, "is paused", letItGoOn(id));
                    case Starting _ -> refuse(id, "is starting", IN_A_MOMENT);
                    case Stopping _ -> refuse(id, "is stopping already", "`kvm-cloud kill " + id + "` ends it now");
                };
            case RestartInstance(var id, var seconds) ->
                switch (state) {
                    case Offline _, Failed _ -> new Start();
                    case Online(var guest) -> new AskToStop(guest, seconds);
                    case Paused _ -> refuse(id, "is paused", letItGoOn(id));
                    case Starting _, Stopping _ -> refuse(id, "is " + word(state), IN_A_MOMENT);
                };
            case PauseInstance(var id) ->
                switch (state) {
                    case Online(var guest) -> new Pause(guest);
                    case Paused _ -> new Nothing();
                    case Offline _, Failed _, Starting _, Stopping _ ->
                        refuse(id, "is " + word(state), "only an ONLINE one can be paused");
                };
            case ResumeInstance(var id) ->
                switch (state) {
                    case Paused(var guest) -> new Resume(guest);
                    case Online _ -> new Nothing();
                    case Offline _, Failed _ -> refuse(id, "is " + word(state), "`kvm-cloud run " + id + "` starts it");
                    case Starting _, Stopping _ -> refuse(id, "is " + word(state), IN_A_MOMENT);
                };
            case KillInstance _ ->
                switch (state) {
                    case Offline _, Failed _ -> new Nothing();
                    case Starting _, Online _, Paused _, Stopping _ -> new End();
                };
            case DeleteInstance(var id, var force) ->
                switch (state) {
                    case Offline _, Failed _ -> new Remove();
                    case Starting _, Online _, Paused _, Stopping _ ->
                        force
                                ? new Remove()
                                : refuse(
                                        id,
                                        "is " + word(state),
                                        "`kvm-cloud delete -f " + id + "` ends it and removes it");
                };
            case AddForward(var id, var wanted) -> unlessStarting(id, state, new AddPort(wanted));
            case RemoveForward(var id, var port) -> unlessStarting(id, state, new RemovePort(port));
            case TypeInput input ->
                switch (state) {
                    case Online(var guest) -> new Type(guest, input);
                    case Stopping stopping -> new Type(stopping.guest(), input);
                    case Paused _, Starting _ when input.number() == 0 -> new OpenLine(input);
                    case Paused _ -> refuse(input.id(), "is paused", letItGoOn(input.id()));
                    case Starting _ -> refuse(input.id(), "is starting", IN_A_MOMENT);
                    case Offline _, Failed _ ->
                        refuse(
                                input.id(),
                                "is " + word(state) + ", so nobody reads what is typed",
                                "`kvm-cloud run " + input.id() + "` starts it");
                };
        };
    }

    /** A guest that is being started may have been told of the old ports. */
    private static Decision unlessStarting(InstanceId id, InstanceState state, Decision change) {
        return switch (state) {
            case Starting _ -> refuse(id, "is starting", IN_A_MOMENT);
            case Offline _, Failed _, Online _, Paused _, Stopping _ -> change;
        };
    }

    private static Failure tooLate(Order order, InstanceState state) {
        InstanceId id = order.request().id();
        String what = order.again()
                ? "may have begun before the controller was started again and was not finished by its deadline "
                        + order.deadline() + "; " + id + " is " + word(state)
                : "reached its deadline " + order.deadline() + " before it could begin";
        return new Failure(
                Reason.TIMED_OUT,
                "request " + order.requestId() + " " + what,
                "`kvm-cloud op show " + order.requestId() + "` tells its way; ask again under another id");
    }

    private static String letItGoOn(InstanceId id) {
        return "`kvm-cloud resume " + id + "` lets it go on, `kvm-cloud kill " + id + "` ends it";
    }

    private static String word(InstanceState state) {
        return state.status().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static Refuse refuse(InstanceId id, String why, String hint) {
        return new Refuse(new Failure(Reason.REFUSED, "instance " + id + " " + why, hint));
    }
}
