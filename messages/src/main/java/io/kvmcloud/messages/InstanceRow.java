package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * A line of the instance list.
 *
 * @param instance as its controller last told
 * @param ageSeconds how long ago its controller was last heard of
 * @param reachable false when that is too long ago to trust the status
 */
public record InstanceRow(@JsonUnwrapped InstanceView instance, double ageSeconds, boolean reachable) {}
