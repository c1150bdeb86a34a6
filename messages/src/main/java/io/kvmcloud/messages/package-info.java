/** The language: every command, reply and event as a record, and the few words they are made of. */
@NullMarked
package io.kvmcloud.messages;

import org.jspecify.annotations.NullMarked;
