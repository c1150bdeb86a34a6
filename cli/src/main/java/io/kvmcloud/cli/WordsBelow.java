package io.kvmcloud.cli;

import java.util.List;

/** A verb with more words below it, like {@code controllers forget}. */
interface WordsBelow {

    /** The commands of those words. */
    List<Object> below();
}
