package io.kvmcloud.messages;

import java.util.List;

/** What a manager asks of controllers beside the commands it relays, and what they say to it. */
public sealed interface Inquiry extends Message {

    /**
     * Who is there?
     *
     * <p>It is published under {@code all.query}, which reaches every controller that is connected: each answers with an
     * {@link Event.ControllerUp}. And under {@code all.command}, which reaches the durable queue of every controller there ever was: where nobody picks it up, it
     * comes back to the manager, and its {@code x-death} names the controller that is away.
     */
    @WireName("roll-call")
    record RollCall() implements Inquiry {}

    /**
     * Have you ever taken this command? Asked before a possible duplicate is placed. It travels through the controller's
     * command queue, so it stands behind any copy of the command sent before; the journal is looked at under its lock, and
     * only while the session the question came by is still the current one.
     *
     * @param requestId the command's {@code message_id}
     */
    @WireName("request.locate")
    record Locate(String requestId) implements Inquiry {}

    /**
     * What do you know of this command? Asked of every controller under {@code all.query} and of every manager under
     * {@code manager.op} on {@code kvm.events}; all answer, and nobody writes anything down.
     *
     * @param op the id it was asked under
     */
    @WireName("op.ask")
    record AskOp(String op) implements Inquiry {}

    /**
     * The answer to {@link AskOp}, by its reply-to and with its correlation id.
     *
     * @param who the controller's or manager's name
     * @param known what it knows: one view, or none
     */
    @WireName("op.known")
    record OpKnown(String who, List<OpView> known) implements Inquiry {}

    /**
     * The answer to {@link Locate}, by its reply-to and with its correlation id.
     *
     * @param controller who answers; also the broker-validated user of the message
     * @param requestId the command's {@code message_id}
     * @param found true when it is in the journal, finished or not
     */
    @WireName("request.located")
    record Located(ControllerName controller, String requestId, boolean found) implements Inquiry {}
}
