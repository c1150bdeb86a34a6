package io.kvmcloud.manager;

import io.kvmcloud.messages.MemorySize;

/**
 * What a placed command says it needs, in its headers.
 *
 * @param name that no other instance may have, or empty
 */
record Needs(String template, MemorySize memory, int cpus, String name) {

    @Override
    public String toString() {
        return memory + ", " + cpus + (cpus == 1 ? " CPU" : " CPUs") + " of template " + template;
    }
}
