package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Paused;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;

/** What an instance does about itself when the sweep comes by: the whole policy, and nothing but it. */
enum Upkeep {
    /** It is being changed; the next sweep will see. */
    NOTHING,
    /** Remove sockets and pid files that a guest left. */
    TIDY,
    /** See whether its guest still answers. */
    ASK_GUEST,
    /** Whoever deleted the directory wants the instance gone: end what runs and forget it. */
    FORGET,
    /** Without its record it is no instance; its disk is kept for people. */
    PUT_ASIDE,
    /** The guest runs on its disk, and we still know what the record said. */
    WRITE_RECORD;

    /**
     * The policy.
     *
     * @param directory whether its directory is there
     * @param record whether its record is in it
     */
    static Upkeep of(InstanceState state, boolean directory, boolean record) {
        return switch (state) {
            case Starting _ -> NOTHING;
            case Offline _, Failed _ -> !directory ? FORGET : record ? TIDY : PUT_ASIDE;
            case Online _, Paused _, Stopping _ -> !directory ? FORGET : record ? ASK_GUEST : WRITE_RECORD;
        };
    }
}
