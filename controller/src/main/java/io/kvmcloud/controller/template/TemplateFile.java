package io.kvmcloud.controller.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A file that a template names: it must be the template's own. */
final class TemplateFile {

    private TemplateFile() {}

    /**
     * The file, with all symbolic links resolved.
     *
     * @throws IOException that says, for people, why it cannot be used
     */
    static Path inside(Path directory, String named) throws IOException {
        Path file;
        Path home = directory.toRealPath();
        try {
            file = home.resolve(named);
        } catch (InvalidPathException wrong) {
            throw new IOException("'" + named.replaceAll("\\p{Cntrl}", "?") + "' is no file name", wrong);
        }
        if (!file.normalize().startsWith(home)) {
            throw new IOException(named + " is outside the template's directory");
        }
        if (!Files.exists(file)) {
            throw new IOException(named + " is missing");
        }
        Path real = file.toRealPath();
        if (!real.startsWith(home)) {
            throw new IOException(named + " leads out of the template's directory, to " + real);
        }
        if (!Files.isRegularFile(real)) {
            throw new IOException(named + " is no file");
        }
        if (!Files.isReadable(real)) {
            throw new IOException(named + " may not be read by the controller's user");
        }
        if (Files.size(real) == 0) {
            throw new IOException(named + " is empty");
        }
        return real;
    }
}
