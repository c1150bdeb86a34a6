package io.kvmcloud.health;

import io.kvmcloud.messages.Finding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A program of another package.
 *
 * @param name what is looked at, in a word
 * @param program its name
 * @param path where programs are looked for, separated by colons
 * @param need what it is for
 * @param fix what installs it
 */
public record ProgramCheck(String name, String program, String path, String need, String fix) implements Check {

    @Override
    public List<Finding> findings() {
        Optional<Path> found = Stream.of(path.split(":"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
        return List.of(
                found.isPresent()
                        ? Finding.ok(name, program + " is " + found.get())
                        : Finding.warn(name, "there is no " + program + " in PATH: " + need, fix));
    }
}
