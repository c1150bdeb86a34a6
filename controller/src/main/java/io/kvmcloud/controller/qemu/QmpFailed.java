package io.kvmcloud.controller.qemu;

/** A monitor did not do what it was asked: it refused, was silent too long, or is gone. */
final class QmpFailed extends Exception {
    private static final long serialVersionUID = 1;

    QmpFailed(String message) {
        super(message);
    }
}
