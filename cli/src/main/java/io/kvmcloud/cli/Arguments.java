package io.kvmcloud.cli;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.settings.MemorySizeConverter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** How words of a command line are read, and how a word that cannot be read is refused. */
final class Arguments {

    private Arguments() {}

    static void register(CommandLine line) {
        line.registerConverter(DiskSize.class, DiskSize::parse)
                .registerConverter(ControllerName.class, ControllerName::new)
                .registerConverter(Forward.class, Forward::parse)
                .registerConverter(Forward.Port.class, Forward.Port::parse)
                .registerConverter(MemorySize.class, new MemorySizeConverter())
                .registerConverter(int.class, Arguments::wholeNumber)
                .registerConverter(Integer.class, Arguments::wholeNumber)
                .registerConverter(Filter.class, Filter::parse)
                .registerConverter(Format.class, Arguments::format);
    }

    /** A required argument, which picocli has seen to. */
    static <T> T given(@Nullable T argument) {
        return Objects.requireNonNull(argument);
    }

    /** Large enough for everything we count, small enough to be a number of seconds anywhere. */
    private static int wholeNumber(String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException malformed) {
            boolean number = word.matches("[+-]?\\d+");
            throw new TypeConversionException(
                    "'" + Output.plain(word) + (number ? "' is too large a number" : "' is not a whole number"));
        }
    }

    private static Format format(String word) {
        for (Format format : Format.values()) {
            if (format.name().equalsIgnoreCase(word)) {
                return format;
            }
        }
        throw new TypeConversionException("'" + Output.plain(word) + "' is not a format: write " + Format.names());
    }
}
