package io.kvmcloud.cli;

import io.kvmcloud.amqp.Codec;
import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.InstanceList;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What most starts of the command line do, done once and shown to nobody, so that the classes for it can be kept ready (JEP 483):
 * {@code local/learn} records it. One question goes to the broker of the environment, be there one or not; the rest is asked of
 * a cloud that has an instance, which a build has not, nor a cloud that is new.
 */
final class Rehearsal {

    private static final List<List<String>> LINES = List.of(
            List.of("instances"),
            List.of("instances", "-f", "json", "status=online"),
            List.of("instances", "-f", "yaml"),
            List.of("instances", "-f", "csv", "--sort", "name"),
            List.of("instances", "-f", "value", "-c", "id,name"),
            List.of("instances", "-q"),
            List.of("info", "s1/1000"),
            List.of("info", "s1/1"), // there is none
            List.of("help", "launch"),
            List.of("lanch"));

    private static final InstanceView INSTANCE = new InstanceView(
            InstanceId.parse("s1/1000"),
            "micro",
            MemorySize.ofMebibytes(128),
            1,
            2200,
            "127.0.0.1",
            "root",
            InstanceStatus.ONLINE,
            Instant.EPOCH,
            "");

    private Rehearsal() {}

    /** Takes no arguments; what comes of it is of no account. */
    public static void main(String[] none) {
        KvmCloud.carryOut("instances");
        LINES.forEach(words -> carryOut(new Cloud(_ -> new CloudOfOne()), words));
        System.exit(0); // for which Java has classes, too
    }

    private static void carryOut(Cloud cloud, List<String> words) {
        var output = new Output(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
        String[] arguments = words.toArray(String[]::new);
        try (cloud) {
            KvmCloud.commandLine(cloud, output, Surroundings.ofProcess(), arguments)
                    .execute(arguments);
        }
    }

    /** A cloud that knows lists of instances; its answers are written and read as if they came from afar. */
    private static final class CloudOfOne implements Cloud.Line {

        @Override
        @SuppressWarnings("unchecked") // it is the answer to this command
        public <R extends Reply> R ask(Command<R> command, Op op, Duration deadline) {
            if (!(command instanceof Command.ListInstances)) {
                throw new CommandFailed(Reason.FAILED, "this is a rehearsal", "");
            }
            Reply list = new InstanceList(List.of(new InstanceRow(INSTANCE, 1.5, true)));
            return (R) Codec.reply(list.wireName(), Codec.encode(list));
        }

        @Override
        public String broker() {
            return "";
        }

        @Override
        public void close() {}
    }
}
