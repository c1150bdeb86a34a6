package io.kvmcloud.messages;

import java.util.List;

/**
 * A controller as it describes itself.
 *
 * @param host the machine it runs on
 * @param version of KVM-cloud
 * @param accelerator {@code kvm} or {@code tcg}
 * @param acceleratorNote why it is not KVM, or empty
 * @param templates what it offers, ordered by name
 * @param refusedTemplates what it found and cannot offer, ordered by name
 * @param warm what it keeps to be copied, ordered by template; null is nothing
 */
public record ControllerView(
        ControllerName name,
        String host,
        String version,
        String accelerator,
        String acceleratorNote,
        Capacity capacity,
        List<TemplateView> templates,
        List<RefusedTemplate> refusedTemplates,
        List<WarmView> warm) {

    /** As a controller of the release before tells of itself. */
    public ControllerView {
        warm = warm == null ? List.of() : List.copyOf(warm);
    }

    /** One that keeps nothing to be copied. */
    public ControllerView(
            ControllerName name,
            String host,
            String version,
            String accelerator,
            String acceleratorNote,
            Capacity capacity,
            List<TemplateView> templates,
            List<RefusedTemplate> refusedTemplates) {
        this(name, host, version, accelerator, acceleratorNote, capacity, templates, refusedTemplates, List.of());
    }

    /** The same controller with what it has left now. */
    public ControllerView with(Capacity now) {
        return new ControllerView(
                name, host, version, accelerator, acceleratorNote, now, templates, refusedTemplates, warm);
    }
}
