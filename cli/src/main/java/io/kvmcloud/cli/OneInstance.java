package io.kvmcloud.cli;

import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import picocli.CommandLine.Parameters;

/** The one instance that a verb is for, as a person calls it. */
final class OneInstance {

    @Parameters(index = "0", paramLabel = "ID", description = "Like s1/1000, or its name, or the beginning of one.")
    private String word = "";

    /** Its id; see {@link Cloud#id}. */
    InstanceId id(Cloud cloud) {
        return cloud.id(word);
    }

    /** All that is known of it; see {@link Cloud#instance}. */
    InstanceRow row(Cloud cloud) {
        return cloud.instance(word);
    }

    /** What was typed. */
    String word() {
        return word;
    }
}
