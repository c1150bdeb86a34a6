package io.kvmcloud.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps back for a piece of work of many steps: closed without {@link #keep}, they run, last first. A step back that fails
 * is logged and does not stop the others.
 */
public final class Undo implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    /** A step back. */
    public interface Step {
        /** Takes back one step. */
        void run() throws Exception;
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    /** What to do if the work does not get to its end. */
    public void add(Step step) {
        steps.push(step);
    }

    /** The work is done: nothing is taken back. */
    public void keep() {
        steps.clear();
    }

    @Override
    public void close() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (Exception failed) {
                LOG.warn("a step back failed", failed);
            }
        }
    }
}
