package io.kvmcloud.cli;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.TemplateView;
import io.kvmcloud.messages.Text;
import io.kvmcloud.messages.WarmView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code template show}: a template on each host. */
@Command(
        name = "show",
        description = "Show a template: what it needs, and for each host what is there of it.",
        footer = {"kvm-cloud template show micro", "kvm-cloud template show micro -f value -c controllers"})
final class TemplateShowCommand implements Callable<Integer> {

    private static final int SHORT = 12;

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Shown> results;

    @Parameters(paramLabel = "TEMPLATE", description = "One of `kvm-cloud templates`.")
    private String name = "";

    TemplateShowCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, TemplateShowCommand::columns);
    }

    /**
     * All of one.
     *
     * @param warm whether its instances can be copies
     */
    private record Shown(
            String name, String description, MemorySize minimumMemory, String login, boolean warm, List<OnHost> hosts) {

        String controllers() {
            return hosts.stream().map(host -> host.controller().value()).collect(Collectors.joining(","));
        }
    }

    /**
     * What one host has of it.
     *
     * @param copied what it keeps to be copied
     */
    private record OnHost(
            ControllerName controller, boolean reachable, String digest, long bytes, List<WarmView> copied) {}

    private static Columns<Shown> columns() {
        return new Columns<Shown>()
                .with("name", "template", Shown::name)
                .with("description", "description", Shown::description)
                .with(
                        "minimumMemory",
                        "least RAM",
                        shown -> shown.minimumMemory().mebibytes(),
                        shown -> shown.minimumMemory().toString())
                .with("login", "login", Shown::login)
                .with("warm", "copied", Shown::warm, shown -> shown.warm() ? "yes" : "no, its guests boot")
                .more("controllers", Shown::controllers);
    }

    @Override
    public Integer call() {
        List<ControllerRow> offering = new Offers(cloud.controllers()).require(name, "template show");
        TemplateView first = Offers.of(offering.getFirst(), name).orElseThrow();
        List<OnHost> hosts = offering.stream().map(this::onHost).toList();
        Shown shown = new Shown(name, first.description(), first.minimumMemory(), first.login(), first.warm(), hosts);
        results.one(shown, results.sheet(shown) + "\n" + table(hosts));
        if (hosts.stream().map(OnHost::digest).distinct().count() > 1) {
            output.note("the hosts have different files under this name");
        }
        return 0;
    }

    private OnHost onHost(ControllerRow row) {
        TemplateView template = Offers.of(row, name).orElseThrow();
        List<WarmView> copied = row.controller().warm().stream()
                .filter(kept -> kept.template().equals(name))
                .toList();
        return new OnHost(row.controller().name(), row.reachable(), template.digest(), template.bytes(), copied);
    }

    /** A line for each host, and one more for each further size it keeps. */
    private static String table(List<OnHost> hosts) {
        List<List<String>> lines = new ArrayList<>(List.of(List.of("host", "size", "digest", "kept to be copied")));
        for (OnHost host : hosts) {
            List<String> kept = host.copied().stream()
                    .map(one -> one.memory().mebibytes() + "M/" + one.cpus() + " (" + size(one.bytes()) + ")")
                    .toList();
            lines.add(List.of(
                    host.controller() + (host.reachable() ? "" : " (away)"),
                    size(host.bytes()),
                    digest(host.digest()),
                    kept.isEmpty() ? "-" : kept.getFirst()));
            kept.stream().skip(1).forEach(more -> lines.add(List.of("", "", "", more)));
        }
        return Table.of(lines);
    }

    /** For people; nothing is a dash, and a little is a whole MiB. */
    static String size(long bytes) {
        return bytes == 0 ? "-" : Text.size(Math.max(1 << 20, bytes));
    }

    /** The beginning of a digest, which tells files apart well enough for people. */
    static String digest(String whole) {
        return whole.isEmpty() ? "-" : whole.substring(0, SHORT);
    }
}
