package io.kvmcloud.amqp;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Jackson leaves null what was not sent; in a message nothing is null, however deep. */
final class Completeness {

    /** A record's field: what it is called, empty when its own fields are written as the record's; and how it is read. */
    private record Field(String name, Method accessor) {}

    /**
     * Those in which a null can be: not in numbers, nor in a record that is written as a single value, as ids and sizes are.
     * Looked up once for each class; a long list has each of them ten thousand times.
     */
    private static final ClassValue<List<Field>> FIELDS = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> record) {
            if (Stream.of(record.getMethods()).anyMatch(method -> method.isAnnotationPresent(JsonValue.class))) {
                return List.of();
            }
            return Stream.of(record.getRecordComponents())
                    .filter(component -> !component.getType().isPrimitive())
                    .map(RecordComponent::getAccessor)
                    .map(accessor -> new Field(
                            accessor.isAnnotationPresent(JsonUnwrapped.class) ? "" : accessor.getName(), accessor))
                    .toList();
        }
    };

    private Completeness() {}

    /** Where the first null of a message is, like {@code view.capacity} or {@code instances[3].id}; empty when there is none. */
    static Optional<String> firstNull(Object message) {
        return Optional.ofNullable(within(message));
    }

    /** The way from here to the first null, empty when it is here; null when there is none. */
    private static @Nullable String within(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                String found = within(list.get(i));
                if (found != null) {
                    return way("[" + i + "]", found);
                }
            }
        } else if (value instanceof Record record) {
            for (Field field : FIELDS.get(record.getClass())) {
                String found = within(read(field, record));
                if (found != null) {
                    return way(field.name(), found);
                }
            }
        }
        return null;
    }

    private static String way(String first, String then) {
        return first.isEmpty() || then.isEmpty() || then.startsWith("[") ? first + then : first + "." + then;
    }

    private static @Nullable Object read(Field field, Record record) {
        try {
            return field.accessor().invoke(record);
        } catch (ReflectiveOperationException defect) {
            throw new IllegalStateException("cannot read " + field.accessor(), defect);
        }
    }
}
