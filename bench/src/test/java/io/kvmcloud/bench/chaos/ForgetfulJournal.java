package io.kvmcloud.bench.chaos;

import io.kvmcloud.controller.journal.Journal;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** The controller's journal as it is, but that it never finds a request that it has taken before. */
final class ForgetfulJournal {

    private ForgetfulJournal() {}

    /** Writes the class below this directory, which then belongs before the controller's own classes. */
    static Path writeInto(Path directory) throws IOException {
        String file = Journal.class.getName().replace('.', '/') + ".class";
        AtomicInteger found = new AtomicInteger();
        CodeTransform findsNothing = (code, element) -> {
            if (element instanceof InvokeInstruction call
                    && call.owner().name().stringValue().endsWith("Map")
                    && call.name().equalsString("get")) {
                code.pop().pop().aconst_null();
                found.incrementAndGet();
            } else {
                code.with(element);
            }
        };
        try (InputStream original = Journal.class.getResourceAsStream("Journal.class")) {
            ClassFile format = ClassFile.of();
            byte[] changed = format.transformClass(
                    format.parse(Objects.requireNonNull(original).readAllBytes()),
                    ClassTransform.transformingMethodBodies(
                            method -> method.methodName().equalsString("accept"), findsNothing));
            if (found.get() != 1) {
                throw new IllegalStateException("Journal.accept looks " + found + " requests up, not one");
            }
            Path target = directory.resolve(file);
            Files.createDirectories(target.getParent());
            Files.write(target, changed);
            return directory;
        }
    }
}
