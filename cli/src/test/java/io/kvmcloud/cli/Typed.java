package io.kvmcloud.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/** A command line as it is typed, and what comes of it. */
record Typed(int exit, String out, String err) {

    /** Runs it at a cloud, with its state in this directory. */
    static Typed at(FakeCloud cloud, Path home, String... words) {
        var out = new ByteArrayOutputStream();
        Typed typed = at(cloud, home, out, words);
        return new Typed(typed.exit(), out.toString(StandardCharsets.UTF_8), typed.err());
    }

    /** The same by a person at a terminal. */
    static Typed atTerminal(FakeCloud cloud, Path home, String... words) {
        var out = new ByteArrayOutputStream();
        var person = new Surroundings(surroundings(home).environment(), true, false);
        Typed typed = in(person, cloud, out, words);
        return new Typed(typed.exit(), out.toString(StandardCharsets.UTF_8), typed.err());
    }

    /** The same with a stdout of one's own. */
    static Typed at(FakeCloud cloud, Path home, OutputStream out, String... words) {
        return in(surroundings(home), cloud, out, words);
    }

    /** With this on stdin. A test that reads from that of its process takes the words that Maven has for it. */
    static Typed reading(String text, Supplier<Typed> typing) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        try {
            return typing.get();
        } finally {
            System.setIn(before);
        }
    }

    private static Typed in(Surroundings surroundings, FakeCloud cloud, OutputStream out, String... words) {
        var err = new ByteArrayOutputStream();
        var output = new Output(out, err);
        try (var asked = new Cloud(cloud)) {
            int exit = KvmCloud.commandLine(asked, output, surroundings, words).execute(words);
            return new Typed(exit, "", err.toString(StandardCharsets.UTF_8));
        }
    }

    /** No terminal, and a home directory of nobody. */
    static Surroundings surroundings(Path home) {
        return new Surroundings(
                Map.of(
                        "HOME",
                        home.toString(),
                        "KVM_CLOUD_HOME",
                        home.resolve("state").toString(),
                        "PATH",
                        home.resolve("bin").toString()),
                false,
                false);
    }
}
