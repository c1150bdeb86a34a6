package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Spelling;
import io.kvmcloud.messages.TemplateView;
import io.kvmcloud.messages.Text;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Round robin over the hosts that can take it; when none can, says why, host by host. */
final class Placement {

    /** What placement came to. */
    sealed interface Choice {

        /** This one. */
        record Chosen(ControllerName controller) implements Choice {}

        /** None, and what the client reads. */
        record Nobody(Failure failure) implements Choice {}
    }

    /** Those among whom it chooses. */
    interface Hosts {
        /** All, by name. */
        List<Host> hosts();

        /** The first that is wanted behind the last one, around the corner; looks at no more than it must. */
        Optional<Host> next(@Nullable ControllerName last, Predicate<Host> wanted);
    }

    private static final int MOST_NAMES = 20;

    private @Nullable ControllerName last;

    /**
     * Chooses the next host.
     *
     * @param avoid taken only when no other host can, since it has just failed to pick something up; or null
     */
    Choice choose(Hosts hosts, Needs needs, @Nullable ControllerName avoid) {
        Predicate<Host> able = host -> obstacle(host, needs).isEmpty();
        Optional<Host> next = hosts.next(last, able.and(host -> !host.name().equals(avoid)))
                .or(() -> avoid == null ? Optional.empty() : hosts.next(last, able));
        if (next.isEmpty()) {
            return new Choice.Nobody(explain(hosts.hosts(), needs));
        }
        last = next.get().name();
        return new Choice.Chosen(last);
    }

    /** Why this host cannot take it, with its numbers; empty when it can. */
    private static Optional<String> obstacle(Host host, Needs needs) {
        if (!host.reachable()) {
            return Optional.of("not connected, " + host.lastSeen());
        }
        if (!host.described()) {
            return Optional.of("has not told yet what it offers");
        }
        if (host.draining()) {
            return Optional.of("draining");
        }
        Optional<TemplateView> template = host.template(needs.template());
        if (template.isEmpty()) {
            return Optional.of(
                    host.mistakesOf(needs.template()).orElse("template " + needs.template() + " not present"));
        }
        if (needs.memory().compareTo(template.get().minimumMemory()) < 0) {
            return Optional.of("template " + needs.template() + " needs at least "
                    + template.get().minimumMemory());
        }
        if (host.memoryFree() < needs.memory().mebibytes()) {
            return Optional.of(
                    host.memoryFree() + " MiB free of " + host.view().capacity().memoryMebibytes());
        }
        if (host.cpusFree() < needs.cpus()) {
            return Optional.of(
                    host.cpusFree() + " CPUs free of " + host.view().capacity().cpus());
        }
        return Optional.empty();
    }

    private static Failure explain(List<Host> hosts, Needs needs) {
        List<Host> there = hosts.stream().filter(Host::reachable).toList();
        if (there.isEmpty()) {
            return nobodyConnected(hosts);
        }
        List<Host> offering = hosts.stream()
                .filter(host -> host.template(needs.template()).isPresent())
                .toList();
        if (offering.isEmpty() && there.stream().allMatch(Host::described)) {
            return noTemplate(there, needs.template());
        }
        List<Host> offeringThere = offering.stream().filter(Host::reachable).toList();
        if (!offeringThere.isEmpty() && offeringThere.stream().allMatch(host -> tooSmall(host, needs))) {
            TemplateView template =
                    offeringThere.getFirst().template(needs.template()).orElseThrow();
            return new Failure(
                    Reason.INVALID,
                    "template " + needs.template() + " needs at least " + template.minimumMemory() + ", not "
                            + needs.memory(),
                    "ask for " + template.minimumMemory().mebibytes() + " or more");
        }
        String why = hosts.stream()
                .map(host -> "\n  " + host.name() + ": " + obstacle(host, needs).orElse("can take it"))
                .collect(Collectors.joining());
        return new Failure(
                offeringThere.isEmpty() ? Reason.UNREACHABLE : Reason.REFUSED,
                "no controller can take " + needs + why,
                offeringThere.isEmpty() ? "`kvm-cloud controllers` shows who is missing" : way(offeringThere));
    }

    /** What makes room: the hosts that drain may have some; the others have none. */
    private static String way(List<Host> offering) {
        List<String> draining = offering.stream()
                .filter(Host::draining)
                .map(host -> "`kvm-cloud undrain " + host.name() + "`")
                .toList();
        String room = "ask for less, or `kvm-cloud delete` an instance to make room";
        if (draining.isEmpty()) {
            return room;
        }
        String undrain = draining.getFirst() + " lets it take instances again";
        return draining.size() == offering.size() ? undrain : undrain + "; or " + room;
    }

    private static boolean tooSmall(Host host, Needs needs) {
        return host.template(needs.template())
                .filter(template -> needs.memory().compareTo(template.minimumMemory()) < 0)
                .isPresent();
    }

    static Failure nobodyConnected(List<Host> hosts) {
        String seen = hosts.stream()
                .map(host -> "\n  " + host.name() + ": " + host.lastSeen())
                .collect(Collectors.joining());
        return new Failure(
                Reason.UNREACHABLE,
                "no controller is connected" + seen,
                "`kvm-cloud up` starts a cloud on this machine, `systemctl start kvm-cloud-controller` the controller of a"
                        + " host with the package");
    }

    private static Failure noTemplate(List<Host> there, String template) {
        String mistakes = there.stream()
                .flatMap(host -> host.mistakesOf(template).map(why -> "\n  " + host.name() + ": " + why).stream())
                .collect(Collectors.joining());
        if (!mistakes.isEmpty()) {
            return new Failure(
                    Reason.REFUSED,
                    "the template " + template + " cannot be used" + mistakes,
                    "correct its files on that host; the next `new` sees it");
        }
        TreeSet<String> offered = there.stream()
                .flatMap(host -> host.view().templates().stream())
                .map(TemplateView::name)
                .collect(Collectors.toCollection(TreeSet::new));
        String list = offered.isEmpty()
                ? "no controller offers any template: look at their --template-dir"
                : "the templates are: " + some(offered);
        return new Failure(
                Reason.NOT_FOUND,
                "there is no template '" + template + "'",
                Spelling.nearest(template, offered)
                        .map(near -> "did you mean " + near + "? " + list)
                        .orElse(list));
    }

    /** The first of them. */
    static String some(SortedSet<String> names) {
        return Text.some(names, MOST_NAMES);
    }
}
