package io.kvmcloud.bench.speed;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.messages.ControllerName;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;

/** Simulated controllers, each with a connection and a user of its own, in one process that ends with the bench. */
public final class Fleet {

    /** So many connect at a time: a thousand at once need longer than each of them may take, and would begin again and again. */
    private static final Semaphore CONNECTING = new Semaphore(16);

    private Fleet() {}

    /** @param arguments where the broker is, without a user; the file with the password of all; the first and the last number */
    public static void main(String... arguments) throws InterruptedException {
        for (int number = Integer.parseInt(arguments[2]); number <= Integer.parseInt(arguments[3]); number++) {
            ControllerName name = new ControllerName("s" + number);
            BrokerAddress address = BrokerAddress.of("amqp://" + name + "@" + arguments[0], Path.of(arguments[1]));
            CONNECTING.acquire();
            SessionLoop.start(address, "kvm-controller " + name, new SimulatedController(name, CONNECTING::release));
        }
        Thread.currentThread().join();
    }
}
