package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.InstanceName;
import io.kvmcloud.messages.Reason;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many instances are made at once, what they are called and how large their disks are. */
final class Batch {

    private static final int MOST = 100;

    @Option(names = "--count", paramLabel = "COUNT", description = "How many, all at once, 1 to 100 (default: 1).")
    private @Nullable Integer count;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What to call it, also its host name; several are NAME-1, NAME-2, …")
    private @Nullable String name;

    @Option(names = "--disk", paramLabel = "SIZE", description = "Like 4G (default: what the template has).")
    private DiskSize disk = DiskSize.OF_TEMPLATE;

    /** Whether it was said how many, were it one. */
    boolean isCounted() {
        return count != null;
    }

    /** @throws CommandFailed {@link Reason#INVALID} unless it is between 1 and 100 */
    int count() {
        int many = count == null ? 1 : count;
        if (many < 1 || many > MOST) {
            throw new CommandFailed(
                    Reason.INVALID, "--count is between 1 and " + MOST + ", not " + many, "write it like --count 3");
        }
        return many;
    }

    /** How large each disk is. */
    DiskSize disk() {
        return disk;
    }

    /**
     * What each is called: its name, or empty.
     *
     * @throws CommandFailed {@link Reason#INVALID} when one is no name for an instance
     */
    List<String> names() {
        List<Integer> numbers = numbers();
        String whole = name;
        if (whole == null) {
            return Collections.nCopies(numbers.size(), "");
        }
        return numbers.stream()
                .map(number -> Failures.valid(
                        () -> InstanceName.checked(numbers.size() == 1 ? whole : whole + "-" + number),
                        "write it like --name web-1"))
                .toList();
    }

    /** 1, 2, … */
    List<Integer> numbers() {
        return IntStream.rangeClosed(1, count()).boxed().toList();
    }
}
