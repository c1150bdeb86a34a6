package io.kvmcloud.settings;

import io.kvmcloud.messages.MemorySize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Lets flags and arguments be written {@code 512M}. */
public final class MemorySizeConverter implements ITypeConverter<MemorySize> {
    @Override
    public MemorySize convert(String text) {
        try {
            return MemorySize.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new TypeConversionException(malformed.getMessage());
        }
    }
}
