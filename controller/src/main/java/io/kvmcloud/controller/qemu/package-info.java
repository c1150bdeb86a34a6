/** QEMU as we use it: command line, process, monitor, disks, accelerator. */
@NullMarked
package io.kvmcloud.controller.qemu;

import org.jspecify.annotations.NullMarked;
