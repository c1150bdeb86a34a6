package io.kvmcloud.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The micro template, built once by its own script and shared by all tests. */
final class MicroTemplate {

    private MicroTemplate() {}

    /** Its directory. */
    static Path built() {
        Path root = Path.of(System.getProperty("kvm.root"));
        Path built = root.resolve("target/templates/micro");
        if (Files.exists(built.resolve("template.json"))) {
            return built;
        }
        try {
            Files.createDirectories(built.getParent());
            Process build = new ProcessBuilder(
                            root.resolve("templates/micro/build").toString(), built.toString())
                    .inheritIO()
                    .start();
            if (build.waitFor() != 0) {
                throw new AssertionError("templates/micro/build failed");
            }
            return built;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }
}
