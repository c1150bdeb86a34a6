package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;

/** Whom a write is for, as its routing key says. */
sealed interface Target {

    /** {@code write.instance.new}: one controller that placement chooses. */
    record Anyone(Needs needs) implements Target {}

    /** {@code write.instance.run.s2.2000}: the controller that owns the instance; {@code write.controller.drain.s2}: that one. */
    record Owner(ControllerName controller, long number) implements Target {}
}
