package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.Command;
import java.time.Instant;

/**
 * A request on its way to an instance, with what must not be lost on the way.
 *
 * @param requestId as the client made it
 * @param accepted when it came here
 * @param deadline it is not begun after this
 * @param again whether an earlier life of this controller may have begun it already
 */
public record Order(
        Command.Addressed<?> request, String requestId, Instant accepted, Instant deadline, boolean again) {}
