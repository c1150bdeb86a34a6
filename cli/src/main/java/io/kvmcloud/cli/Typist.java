package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Types into an instance's serial console: one piece after the other, each when the one before is answered, so that nothing
 * overtakes. What comes meanwhile goes together.
 */
final class Typist implements AutoCloseable {

    private final Cloud cloud;
    private final InstanceId id;
    private final Consumer<CommandFailed> told;
    private final Thread thread = Thread.ofVirtual().name("typist").unstarted(this::send);

    private final StringBuilder waiting = new StringBuilder();
    private boolean underWay;

    private String line = "";
    private long number;

    /** @param told of what was not typed, or perhaps not; what comes then is typed all the same */
    Typist(Cloud cloud, InstanceId id, Consumer<CommandFailed> told) {
        this.cloud = cloud;
        this.id = id;
        this.told = told;
    }

    /**
     * To be called once, before anything is typed.
     *
     * @throws CommandFailed when we may not type there, or nobody could read it
     */
    void open() {
        openLine();
        thread.start();
    }

    /** Types it behind what was typed before; never waits. */
    synchronized void type(String text) {
        waiting.append(text);
        notifyAll();
    }

    /** Waits until no more than this waits to be typed; at 0 all has been typed, as far as it could. */
    synchronized void await(int most) throws InterruptedException {
        while (waiting.length() > most || most == 0 && underWay) {
            wait();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void send() {
        try {
            while (true) {
                String piece = next();
                try {
                    if (line.isEmpty()) {
                        openLine();
                    }
                    cloud.ask(new TypeInput(id, line, ++number, piece));
                } catch (CommandFailed failed) {
                    if (Thread.currentThread().isInterrupted()) {
                        return;
                    }
                    line = ""; // What has become of this piece is not known; nothing of it may come later.
                    told.accept(failed);
                }
            }
        } catch (InterruptedException _) {
            // That was all.
        }
    }

    private void openLine() {
        String fresh = UUID.randomUUID().toString();
        cloud.ask(new TypeInput(id, fresh, 0, ""));
        line = fresh;
        number = 0;
    }

    private synchronized String next() throws InterruptedException {
        underWay = false;
        notifyAll();
        while (waiting.isEmpty()) {
            wait();
        }
        int end = Math.min(waiting.length(), TypeInput.MOST);
        if (end < waiting.length() && Character.isHighSurrogate(waiting.charAt(end - 1))) {
            end--; // Its other half is the next.
        }
        String piece = waiting.substring(0, end);
        waiting.delete(0, end);
        underWay = true;
        return piece;
    }
}
