package io.kvmcloud.controller.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory whose sub-directories are templates.
 *
 * @param directory may not exist (yet)
 */
record TemplateRoom(Path directory) {

    static final String FILE = "template.json";

    /** The sub-directories with a {@code template.json}, ordered by name; hidden ones are left to whoever builds there. */
    List<Path> templates() {
        return children(directory).stream()
                .filter(child -> !child.getFileName().toString().startsWith("."))
                .filter(child -> Files.exists(child.resolve(FILE)))
                .toList();
    }

    /** Of everything that matters; looks at files and reads none. */
    List<Stamp> stamps() {
        List<Stamp> stamps = new ArrayList<>(List.of(Stamp.of(directory)));
        for (Path template : templates()) {
            stamps.add(Stamp.of(template));
            children(template).forEach(file -> stamps.add(Stamp.of(file)));
        }
        return stamps;
    }

    private static List<Path> children(Path directory) {
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        } catch (IOException | UncheckedIOException absent) {
            return List.of();
        }
    }
}
