package io.kvmcloud.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {

    private final List<String> done = new ArrayList<>();

    @Test
    void withoutKeepEveryStepIsTakenBackLastFirst() {
        try (Undo undo = new Undo()) {
            undo.add(() -> done.add("port"));
            undo.add(() -> done.add("disk"));
        }
        assertThat(done).containsExactly("disk", "port");
    }

    @Test
    void afterKeepNothingIsTakenBack() {
        try (Undo undo = new Undo()) {
            undo.add(() -> done.add("port"));
            undo.keep();
        }
        assertThat(done).isEmpty();
    }

    @Test
    void aStepBackThatFailsDoesNotStopTheOthers() {
        try (Undo undo = new Undo()) {
            undo.add(() -> done.add("port"));
            undo.add(() -> {
                throw new IOException("the disk is busy");
            });
        }
        assertThat(done).containsExactly("port");
    }

    @Test
    void closingTwiceTakesBackOnce() {
        Undo undo = new Undo();
        undo.add(() -> done.add("port"));
        undo.close();
        undo.close();
        assertThat(done).containsExactly("port");
    }
}
