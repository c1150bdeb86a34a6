package io.kvmcloud.controller.template;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.RefusedTemplate;
import io.kvmcloud.messages.Spelling;
import io.kvmcloud.messages.TemplateCheck;
import io.kvmcloud.messages.TemplateCheck.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The templates of this host, read from directories each of which holds template directories. A template with a mistake
 * is not offered, and asking for it says why; the others are not affected. Changes on the disk are noticed at the next
 * question.
 */
public final class Templates {

    private static final Logger LOG = LoggerFactory.getLogger(Templates.class);

    /** Of a digest, for people: as `template show` does. */
    private static final int SHORT = 12;

    private final List<TemplateRoom> rooms;
    private final Checksums checksums;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Shelf shelf = new Shelf(List.of(), new TreeMap<>(), new TreeMap<>());

    /**
     * What was read last.
     *
     * @param stamps of everything it was read from
     * @param offered by name
     * @param refused names, with all that is wrong
     */
    private record Shelf(List<Stamp> stamps, Map<String, Template> offered, Map<String, String> refused) {}

    private Templates(List<Path> directories, Path cacheDirectory) {
        this.rooms = directories.stream().map(TemplateRoom::new).toList();
        this.checksums = new Checksums(cacheDirectory.resolve("checksums.json"));
    }

    /**
     * Reads all templates, and logs all mistakes.
     *
     * @param directories in each of which every sub-directory with a {@code template.json} is a template; of two with the
     *     same name the first one counts; one that does not exist yet is empty
     * @param cacheDirectory keeps checksums, so that unchanged images are not read through at every start
     */
    public static Templates open(List<Path> directories, Path cacheDirectory) {
        Templates templates = new Templates(directories, cacheDirectory);
        templates.all();
        return templates;
    }

    /** What is offered now, ordered by name. */
    public List<Template> all() {
        return List.copyOf(current().offered().values());
    }

    /** What was found and cannot be offered, ordered by name. */
    public List<RefusedTemplate> refused() {
        return current().refused().entrySet().stream()
                .map(each -> new RefusedTemplate(
                        each.getKey(), each.getValue().strip().replaceAll("\n\\s*", "; ")))
                .toList();
    }

    /** What is offered, each with its digest, and what cannot be. */
    public List<Finding> findings(String check) {
        List<Finding> findings = new ArrayList<>();
        refused()
                .forEach(one -> findings.add(Finding.fail(
                        check,
                        "template " + one.name() + " is not offered: " + one.why(),
                        "correct its files there; `kvm-cloud template show " + one.name() + "` shows other hosts'")));
        List<Template> offered = all();
        findings.add(
                offered.isEmpty()
                        ? Finding.warn(check, "there are none", "put one into its --template-dir: templates/README.md")
                        : Finding.ok(
                                check, offered.stream().map(Templates::told).collect(Collectors.joining(", "))));
        return findings;
    }

    private static String told(Template one) {
        return one.digest().isEmpty()
                ? one.name()
                : one.name() + " (" + one.digest().substring(0, SHORT) + ")";
    }

    /** Whether instances can be made of it now. */
    boolean offers(String name) {
        return current().offered().containsKey(name);
    }

    /** Whether there is one of this name, with mistakes or without. */
    public boolean knows(String name) {
        Shelf now = current();
        return now.offered().containsKey(name) || now.refused().containsKey(name);
    }

    /**
     * The template of this name.
     *
     * @throws CommandFailed with {@link Reason#NOT_FOUND} when there is none, with {@link Reason#REFUSED} and all its
     *     mistakes when it cannot be used
     */
    public Template get(String name) {
        Shelf now = current();
        Template found = now.offered().get(name);
        if (found != null) {
            return found;
        }
        String wrong = now.refused().get(name);
        if (wrong != null) {
            throw new CommandFailed(
                    Reason.REFUSED, "the template " + name + " cannot be used:\n" + wrong, "correct it on this host");
        }
        throw unknown(name, now.offered().keySet());
    }

    /**
     * Reads files through, whatever is remembered of them. What turns out to be damaged is not offered any more.
     *
     * @param wanted of one template, which is told of also when it is not there; empty is all there are
     * @return ordered by name
     */
    public List<TemplateCheck> verify(String wanted) {
        TreeMap<String, TemplateCheck> checks = new TreeMap<>();
        Checksums found = Checksums.fresh();
        for (TemplateRoom room : rooms) {
            for (Path directory : room.templates()) {
                String name = directory.getFileName().toString();
                if ((wanted.isEmpty() || wanted.equals(name)) && !checks.containsKey(name)) {
                    checks.put(name, check(name, new TemplateReader(directory, found, true).read()));
                }
            }
        }
        if (!wanted.isEmpty() && checks.isEmpty()) {
            checks.put(wanted, new TemplateCheck(wanted, State.MISSING, "", 0, "not present"));
        }
        if (checks.values().stream().anyMatch(check -> check.state() == State.DAMAGED)) {
            reread(found);
        }
        return List.copyOf(checks.values());
    }

    private static TemplateCheck check(String name, TemplateReader.Reading reading) {
        return switch (reading) {
            case TemplateReader.Readable(Template template) ->
                new TemplateCheck(
                        name,
                        State.OK,
                        template.digest(),
                        template.bytes(),
                        template.diskSha256().isEmpty() ? "its template.json has no sha256 of its disk" : "");
            case TemplateReader.Wrong(List<String> mistakes) ->
                new TemplateCheck(name, State.DAMAGED, "", 0, String.join("; ", mistakes));
        };
    }

    /** Reads anew, waiting for whoever does; to be called after a change that must be seen from now on. */
    void reread() {
        reread(Checksums.fresh());
    }

    /** @param found what is known of the files that have changed */
    void reread(Checksums found) {
        reading.lock();
        try {
            checksums.adopt(found);
            shelf = read(stamps());
        } finally {
            reading.unlock();
        }
    }

    private static CommandFailed unknown(String name, Collection<String> offered) {
        String shown = name.length() > 63 ? name.substring(0, 63) + "…" : name;
        String hint = Spelling.nearest(name, offered)
                .map(near -> "did you mean " + near + "?")
                .orElse("`kvm-cloud templates` lists them");
        String known = offered.isEmpty() ? "this host has none" : "this host has " + String.join(", ", offered);
        return new CommandFailed(
                Reason.NOT_FOUND, "there is no template '" + shown.replaceAll("\\p{Cntrl}", "?") + "': " + known, hint);
    }

    /** Reads anew when anything has changed; whoever comes while a large image is being checked gets the old state. */
    private Shelf current() {
        if (reading.tryLock()) {
            try {
                List<Stamp> stamps = stamps();
                if (!stamps.equals(shelf.stamps())) {
                    shelf = read(stamps);
                }
            } finally {
                reading.unlock();
            }
        }
        return shelf;
    }

    private List<Stamp> stamps() {
        List<Stamp> stamps = new ArrayList<>();
        rooms.forEach(room -> stamps.addAll(room.stamps()));
        return stamps;
    }

    private Shelf read(List<Stamp> stamps) {
        Shelf next = new Shelf(stamps, new TreeMap<>(), new TreeMap<>());
        for (TemplateRoom room : rooms) {
            for (Path directory : room.templates()) {
                shelve(new TemplateReader(directory, checksums).read(), directory, next);
            }
        }
        checksums.save();
        if (!next.refused().isEmpty() && !next.refused().equals(shelf.refused())) {
            LOG.warn(
                    "templates that cannot be used:\n{}",
                    String.join("\n", next.refused().values()));
        }
        if (!next.offered().keySet().equals(shelf.offered().keySet())) {
            LOG.info(
                    "templates offered: {}",
                    next.offered().isEmpty()
                            ? "none"
                            : String.join(", ", next.offered().keySet()));
        }
        return next;
    }

    private static void shelve(TemplateReader.Reading reading, Path directory, Shelf shelf) {
        String name = directory.getFileName().toString();
        if (shelf.offered().containsKey(name) || shelf.refused().containsKey(name)) {
            LOG.warn("{} is not used: an earlier template directory has a template of that name", directory);
            return;
        }
        switch (reading) {
            case TemplateReader.Readable(Template template) -> shelf.offered().put(name, template);
            case TemplateReader.Wrong(List<String> mistakes) ->
                shelf.refused().put(name, "  " + String.join("\n  ", mistakes));
        }
    }
}
