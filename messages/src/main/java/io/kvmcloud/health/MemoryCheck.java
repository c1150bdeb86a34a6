package io.kvmcloud.health;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory that is left, and what is promised.
 *
 * @param meminfo the kernel's account of it, as in {@code /proc/meminfo}
 * @param promised MiB that instances may have together; 0 where nobody promises any
 */
public record MemoryCheck(Path meminfo, long promised) implements Check {

    private static final long LITTLE = 256;
    private static final long NONE = 64;

    /** That of this machine. */
    public static MemoryCheck ofThisMachine(long promised) {
        return new MemoryCheck(Path.of("/proc/meminfo"), promised);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Finding> findings() {
        String text = text();
        long free = mebibytes(text, "MemAvailable");
        long total = mebibytes(text, "MemTotal");
        String what = free + " MiB available of " + total;
        String fix = "stop instances or other programs there; what is missing is taken from running guests";
        List<Finding> findings = new ArrayList<>();
        findings.add(
                free < NONE
                        ? Finding.fail(name(), what, fix)
                        : free < LITTLE ? Finding.warn(name(), what, fix) : Finding.ok(name(), what));
        if (promised > total) {
            findings.add(Finding.warn(
                    name(),
                    "instances may have " + promised + " MiB together, more than the " + total + " there are",
                    "start the controller with a smaller --memory (KVM_CLOUD_MEMORY), or with none: then it is 80 %"));
        }
        return findings;
    }

    private String text() {
        try {
            return Files.readString(meminfo);
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.FAILED, "cannot be told: " + unreadable, "is /proc mounted there?", unreadable);
        }
    }

    private static long mebibytes(String text, String field) {
        Matcher line = Pattern.compile("(?m)^" + field + ": +(\\d+) kB$").matcher(text);
        return line.find() ? Long.parseLong(line.group(1)) / 1024 : 0;
    }
}
