/** The door of a host: takes commands from the broker, has them carried out, answers, and tells what happens here. */
@NullMarked
package io.kvmcloud.controller;

import org.jspecify.annotations.NullMarked;
