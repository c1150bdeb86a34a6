package io.kvmcloud.amqp;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Jackson leaves null what was not sent; in a message nothing is null, however deep. */
final class Completeness {

    private Completeness() {}

    /** Where the first null of a message is, like {@code view.capacity} or {@code instances[3].id}; empty when there is none. */
    static Optional<String> firstNull(Object message) {
        return below("", message);
    }

    private static Optional<String> below(String path, @Nullable Object value) {
        return switch (value) {
            case null -> Optional.of(path);
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    Optional<String> found = below(path + "[" + i + "]", list.get(i));
                    if (found.isPresent()) {
                        yield found;
                    }
                }
                yield Optional.empty();
            }
            case Record record -> {
                for (RecordComponent component : record.getClass().getRecordComponents()) {
                    Optional<String> found = below(path(path, component), read(component, record));
                    if (found.isPresent()) {
                        yield found;
                    }
                }
                yield Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private static String path(String path, RecordComponent component) {
        if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
            return path; // its fields are written as if they were the outer record's own
        }
        return path.isEmpty() ? component.getName() : path + "." + component.getName();
    }

    private static @Nullable Object read(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException defect) {
            throw new IllegalStateException("cannot read " + component, defect);
        }
    }
}
