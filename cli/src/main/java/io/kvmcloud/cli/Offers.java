package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Spelling;
import io.kvmcloud.messages.TemplateView;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which controllers offer a template.
 *
 * @param controllers all there are
 */
record Offers(List<ControllerRow> controllers) {

    /** The template as one of them offers it. */
    static Optional<TemplateView> of(ControllerRow row, String template) {
        return row.controller().templates().stream()
                .filter(offered -> offered.name().equals(template))
                .findFirst();
    }

    /**
     * Those that do.
     *
     * @param verb that asks, for the hint
     * @throws CommandFailed {@link Reason#NOT_FOUND} when there are none; says which templates there are
     */
    List<ControllerRow> require(String template, String verb) {
        List<ControllerRow> offering = controllers.stream()
                .filter(row -> of(row, template).isPresent())
                .toList();
        if (offering.isEmpty()) {
            TreeSet<String> names = new TreeSet<>();
            controllers.forEach(row -> row.controller().templates().forEach(offered -> names.add(offered.name())));
            throw unknown(template, List.copyOf(names), verb);
        }
        return offering;
    }

    /** The error for a template that nobody offers. */
    static CommandFailed unknown(String template, List<String> offered, String verb) {
        return new CommandFailed(
                Reason.NOT_FOUND,
                "no controller offers a template '" + template + "'; "
                        + (offered.isEmpty() ? "there are none" : "there are " + String.join(", ", offered)),
                Spelling.nearest(template, offered)
                        .map(near -> "did you mean `kvm-cloud " + verb + " " + near + "`?")
                        .orElse("`kvm-cloud templates` lists them"));
    }
}
