package io.kvmcloud.controller.template;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Sha256;
import io.kvmcloud.messages.TemplateName;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one template directory, and goes on after a mistake, so that all of them are known at once. */
final class TemplateReader {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    /** The smallest that people ask for, by the way, and too little for most. */
    private static final MemorySize SMALLEST = MemorySize.ofMebibytes(64);

    private static final int LONGEST_DESCRIPTION = 200;
    private static final int LONGEST_COMMAND_LINE = 1500;

    private static final List<String> FIELDS = List.of(
            "name",
            "description",
            "kernel",
            "initrd",
            "commandLine",
            "rootfs",
            "disk",
            "login",
            "minimumMemory",
            "seed",
            "warm",
            "sha256");

    private final Path directory;
    private String name;
    private final Checksums checksums;
    private final boolean thorough;
    private final List<String> mistakes = new ArrayList<>();
    /** The files it names, by the name it gives them. */
    private final Map<String, Path> files = new LinkedHashMap<>();

    /** What became of it. */
    sealed interface Reading {}

    /** It can be offered. */
    record Readable(Template template) implements Reading {}

    /** It cannot; each mistake begins with the file it is in. */
    record Wrong(List<String> mistakes) implements Reading {}

    TemplateReader(Path directory, Checksums checksums) {
        this(directory, checksums, false);
    }

    /** @param thorough whether every file is read through, also one that nothing is said of */
    TemplateReader(Path directory, Checksums checksums, boolean thorough) {
        this.thorough = thorough;
        this.directory = directory;
        this.name = directory.getFileName().toString();
        this.checksums = checksums;
    }

    /** The same as if its directory were called so. */
    TemplateReader named(String other) {
        name = other;
        return this;
    }

    Reading read() {
        Template template = null;
        try {
            template = template(TemplateFields.read(directory.resolve(TemplateRoom.FILE), mistakes::add));
        } catch (IOException unreadable) {
            boolean ofSystem = unreadable instanceof FileSystemException;
            mistakes.add("cannot be read: " + (ofSystem ? unreadable.toString() : unreadable.getMessage()));
        }
        Path file = directory.resolve(TemplateRoom.FILE);
        return mistakes.isEmpty() && template != null
                ? new Readable(template)
                : new Wrong(mistakes.stream()
                        .distinct()
                        .map(mistake -> file + ": " + mistake)
                        .toList());
    }

    private Template template(TemplateFields fields) throws IOException {
        fields.refuseUnknown("", FIELDS);
        String said = fields.text("name", name);
        if (!TemplateName.is(name)) {
            mistakes.add("a template's name has up to 63 of a-z, 0-9, '.' and '-', so rename the directory " + name);
        } else if (!said.equals(name)) {
            mistakes.add("name is '" + said + "', but the directory is " + name + ": make them the same");
        }
        String description = fields.text("description", "");
        if (description.length() > LONGEST_DESCRIPTION || description.matches("(?s).*\\p{Cntrl}.*")) {
            mistakes.add("description must be one line of at most " + LONGEST_DESCRIPTION + " characters");
        }
        Template.Boot boot = boot(fields);
        String diskName = fields.text(boot instanceof Template.Boot.Disk ? "disk" : "rootfs", "");
        Path disk = files.get(diskName);
        String format = disk == null ? "" : DiskImage.format(disk, what -> mistakes.add(diskName + " " + what));
        Map<String, String> sums = sums(fields);
        String warmDigest = fields.flag("warm", false) ? warmDigest(boot, fields.flag("seed", true)) : "";
        boolean allRead = thorough || !warmDigest.isEmpty() || sums.keySet().containsAll(files.keySet());
        return new Template(
                name,
                description,
                boot,
                Objects.requireNonNullElse(disk, directory),
                format,
                login(fields),
                memory(fields),
                fields.flag("seed", true),
                sums.getOrDefault(diskName, ""),
                warmDigest,
                allRead ? Sha256.of(digests()) : "",
                bytes());
    }

    /** Changes with every file and with every word of the kernel's command line. */
    private String warmDigest(Template.Boot boot, boolean seed) {
        if (!(boot instanceof Template.Boot.Kernel kernel)) {
            mistakes.add(
                    "warm goes with kernel and rootfs: a disk that boots itself cannot be told to wait for its identity");
            return "";
        }
        String all = kernel.commandLine() + "\n" + seed + "\n" + digests();
        return Sha256.of(all);
    }

    /** A line for each file. */
    private String digests() {
        StringBuilder all = new StringBuilder();
        files.forEach((named, file) -> {
            try {
                all.append(named).append(' ').append(checksums.of(file)).append('\n');
            } catch (IOException unreadable) {
                mistakes.add(named + " cannot be read: " + unreadable);
            }
        });
        return all.toString();
    }

    private long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files.values()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    private Template.Boot boot(TemplateFields fields) {
        List<String> ofKernel = List.of("kernel", "initrd", "commandLine", "rootfs");
        List<String> present = ofKernel.stream().filter(fields::has).toList();
        if (fields.has("disk")) {
            if (!present.isEmpty()) {
                mistakes.add("disk boots itself and goes without " + String.join(", ", present));
            }
            file(fields, "disk");
            return new Template.Boot.Disk();
        }
        if (!fields.has("kernel") || !fields.has("rootfs")) {
            mistakes.add("write either kernel and rootfs, or disk for an image that boots itself");
        }
        String commandLine = fields.text("commandLine", "");
        if (commandLine.length() > LONGEST_COMMAND_LINE || commandLine.matches("(?s).*\\p{Cntrl}.*")) {
            mistakes.add("commandLine must be one line of at most " + LONGEST_COMMAND_LINE + " characters");
        }
        Path kernel = file(fields, "kernel");
        Path initrd = file(fields, "initrd");
        file(fields, "rootfs");
        return new Template.Boot.Kernel(Objects.requireNonNullElse(kernel, directory), initrd, commandLine);
    }

    /** The file that a field names; null when the field is not there or there is a mistake in it. */
    private @Nullable Path file(TemplateFields fields, String field) {
        String named = fields.text(field, "");
        if (named.isEmpty()) {
            return null;
        }
        try {
            Path file = TemplateFile.inside(directory, named);
            files.put(named, file);
            return file;
        } catch (IOException wrong) {
            mistakes.add(field + ": " + wrong.getMessage());
            return null;
        }
    }

    /** The checksums it declares, compared with the files'. */
    private Map<String, String> sums(TemplateFields fields) {
        Map<String, String> sums = new LinkedHashMap<>();
        fields.object("sha256").forEach((file, said) -> {
            if (!said.isTextual() || !SHA256.matcher(said.asText()).matches()) {
                mistakes.add("sha256 of " + file + " must be 64 hexadecimal digits");
            } else if (!files.containsKey(file)) {
                if (!fields.names(file)) {
                    mistakes.add("sha256 has " + file + ", which is none of the template's files");
                }
            } else {
                sums.put(file, said.asText().toLowerCase(Locale.ROOT));
                compare(file, sums.get(file));
            }
        });
        return sums;
    }

    private void compare(String file, String said) {
        try {
            String found = checksums.of(Objects.requireNonNull(files.get(file)));
            if (!found.equals(said)) {
                mistakes.add(file + " is damaged or was changed: its sha256 is " + found + ", not " + said);
            }
        } catch (IOException unreadable) {
            mistakes.add(file + " cannot be read: " + unreadable);
        }
    }

    private String login(TemplateFields fields) {
        if (!fields.has("login")) {
            return "";
        }
        Map<String, JsonNode> login = fields.object("login");
        TemplateFields inner = fields.inside("login");
        inner.refuseUnknown("login.", List.of("user", "password"));
        inner.text("password", "");
        String user = inner.text("user", "");
        if (!login.isEmpty() && !USER.matcher(user).matches()) {
            mistakes.add("login.user must be a user name, like debian");
        }
        return user;
    }

    private MemorySize memory(TemplateFields fields) {
        try {
            String said = fields.amount("minimumMemory");
            return said.isEmpty() ? SMALLEST : MemorySize.parse(said);
        } catch (IllegalArgumentException wrong) {
            mistakes.add("minimumMemory: " + wrong.getMessage());
            return SMALLEST;
        }
    }
}
