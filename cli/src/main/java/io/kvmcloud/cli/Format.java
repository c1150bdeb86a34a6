package io.kvmcloud.cli;

/** How results and errors are written. */
enum Format {
    /** For people: the seed's lines and plain tables. */
    TABLE,
    /** For scripts: fields are only ever added, numbers are numbers. */
    JSON
}
