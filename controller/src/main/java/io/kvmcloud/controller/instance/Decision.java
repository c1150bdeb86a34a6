package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;

/** What to do about a request in a state: the whole policy, and nothing but it. */
sealed interface Decision {

    /** Start QEMU. */
    record Start() implements Decision {}

    /** Ask the guest to power down until it does. */
    record AskToStop(Guest guest, int seconds) implements Decision {}

    /** End QEMU now. */
    record End(Guest guest) implements Decision {}

    /** End QEMU if there is one, and remove everything. */
    record Remove() implements Decision {}

    /** What was asked for is so already. */
    record Nothing() implements Decision {}

    /** Not in this state. */
    record Refuse(Failure failure) implements Decision {}

    /** The policy. */
    static Decision of(Command.Addressed<?> request, InstanceState state) {
        return switch (request) {
            case RunInstance(var id) ->
                switch (state) {
                    case Offline _, Failed _ -> new Start();
                    case Starting _, Online _ ->
                        refuse(
                                id,
                                "is already online",
                                "`kvm-cloud ssh " + id + "` logs in, `kvm-cloud kill " + id + "` stops it");
                    case Stopping _ ->
                        refuse(
                                id,
                                "is stopping",
                                "run it again when it is offline, or `kvm-cloud kill " + id + "` to end it now");
                };
            case StopInstance(var id, var seconds) ->
                switch (state) {
                    case Offline _, Failed _ -> new Nothing();
                    case Online(var guest) -> new AskToStop(guest, seconds);
                    case Starting _ -> refuse(id, "is starting", "try again in a moment");
                    case Stopping _ -> refuse(id, "is stopping already", "`kvm-cloud kill " + id + "` ends it now");
                };
            case KillInstance _ ->
                switch (state) {
                    case Offline _, Failed _, Starting _ -> new Nothing();
                    case Online(var guest) -> new End(guest);
                    case Stopping stopping -> new End(stopping.guest());
                };
            case DeleteInstance(var id, var force) ->
                switch (state) {
                    case Offline _, Failed _ -> new Remove();
                    case Starting _, Online _, Stopping _ ->
                        force
                                ? new Remove()
                                : refuse(
                                        id,
                                        "is " + word(state),
                                        "`kvm-cloud delete -f " + id + "` ends it and removes it");
                };
        };
    }

    private static String word(InstanceState state) {
        return state.status().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static Refuse refuse(InstanceId id, String why, String hint) {
        return new Refuse(new Failure(Reason.REFUSED, "instance " + id + " " + why, hint));
    }
}
