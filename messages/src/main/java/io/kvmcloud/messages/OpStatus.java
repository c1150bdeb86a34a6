package io.kvmcloud.messages;

/** How far a command has come. */
public enum OpStatus {
    /** With a manager, or in the queue of a controller: nothing was begun. */
    WAITING,
    /** A controller has written it down and works on it. */
    RUNNING,
    /** It had the effect that was asked for. */
    DONE,
    /** It was refused or went wrong. */
    FAILED
}
