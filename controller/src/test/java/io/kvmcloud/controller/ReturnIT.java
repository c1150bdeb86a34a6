package io.kvmcloud.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.SlowBroker;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller that comes back finds what was asked while it was away. */
@WithBroker(own = true)
class ReturnIT {

    @Test
    void whatWaitedForAControllerIsAnsweredFromTheFirstOn(TestBroker broker, @TempDir Path directory)
            throws IOException {
        ControllerName name = new ControllerName("s1");
        try (var late = new SlowBroker(broker, Duration.ofMillis(100));
                var host = new HostUnderTest(broker, late.address("s1").uri().toString(), directory);
                var manager = new OneManager(broker.address("kvm-manager"), name)) {
            manager.awaitController();
            host.restartController();

            List<CompletableFuture<Reply>> answers = LongStream.range(0, 20)
                    .mapToObj(number -> manager.send(new KillInstance(new InstanceId(name, number))))
                    .toList();

            assertThat(answers)
                    .allSatisfy(answer -> assertThat(
                                    answer.orTimeout(30, TimeUnit.SECONDS).join())
                            .isInstanceOf(Reply.Failure.class));
        }
    }
}
