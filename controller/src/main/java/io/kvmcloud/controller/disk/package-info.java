/** What must survive a power cut: the working directory and the files in it. */
@NullMarked
package io.kvmcloud.controller.disk;

import org.jspecify.annotations.NullMarked;
