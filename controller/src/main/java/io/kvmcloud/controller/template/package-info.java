/** Templates: what instances are made from, read from directories and checked as a whole. */
@NullMarked
package io.kvmcloud.controller.template;

import org.jspecify.annotations.NullMarked;
