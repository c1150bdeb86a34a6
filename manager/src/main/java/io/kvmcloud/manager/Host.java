package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.RefusedTemplate;
import io.kvmcloud.messages.TemplateView;
import java.time.Duration;
import java.util.Optional;

/**
 * A controller as placement sees it.
 *
 * @param described false when it has not told what it has: only its queue is known
 * @param age how long ago it was last heard of
 * @param memoryFree in MiB: what it last reported less what was placed there since
 * @param cpusFree likewise
 */
record Host(ControllerView view, boolean described, boolean reachable, Duration age, long memoryFree, int cpusFree) {

    ControllerName name() {
        return view.name();
    }

    /** Whether it is given no new instances. */
    boolean draining() {
        return view.capacity().draining();
    }

    Optional<TemplateView> template(String name) {
        return view.templates().stream()
                .filter(offered -> offered.name().equals(name))
                .findFirst();
    }

    /** Why a template that was found there cannot be used; empty when it can, or was not found. */
    Optional<String> mistakesOf(String template) {
        return view.refusedTemplates().stream()
                .filter(refused -> refused.name().equals(template))
                .map(RefusedTemplate::why)
                .findFirst();
    }

    /** {@code last seen 12 s ago}. */
    String lastSeen() {
        return described ? "last seen " + age.toSeconds() + " s ago" : "not seen since this manager started";
    }
}
