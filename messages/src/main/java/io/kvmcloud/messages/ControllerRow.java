package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * A line of the controller list.
 *
 * @param ageSeconds how long ago it was last heard of
 * @param reachable false when that is too long ago
 */
public record ControllerRow(@JsonUnwrapped ControllerView controller, double ageSeconds, boolean reachable) {}
