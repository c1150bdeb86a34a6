package io.kvmcloud.amqp;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.rabbitmq.RabbitMQContainer;

/** A broker in a container; its ports are chosen by us, since docker would choose others at a restart. */
final class ContainerServer implements RabbitServer {

    private static final String IMAGE = "rabbitmq:4-management";
    private static final Duration DOCKER_ANSWERS = Duration.ofSeconds(10);
    private static final Duration IMAGE_COMES = Duration.ofMinutes(2);

    private final RabbitMQContainer container;
    private final Access access;

    private ContainerServer(RabbitMQContainer container, Access access) {
        this.container = container;
        this.access = access;
    }

    /** True when docker answers and the image is there or can be had; Testcontainers itself would try for minutes. */
    static boolean available() {
        return succeeds(DOCKER_ANSWERS, "docker", "version", "--format", "{{.Server.Version}}")
                && (succeeds(DOCKER_ANSWERS, "docker", "image", "inspect", IMAGE)
                        || succeeds(IMAGE_COMES, "docker", "pull", "--quiet", IMAGE));
    }

    static ContainerServer launch() {
        List<Integer> ports = FreePorts.take(2);
        String password = Definitions.newPassword();
        RabbitMQContainer container = new RabbitMQContainer(IMAGE).withAdminPassword(password);
        container.setPortBindings(List.of(ports.get(0) + ":5672", ports.get(1) + ":15672"));
        try {
            container.start();
        } catch (RuntimeException failed) {
            container.stop();
            throw failed;
        }
        return new ContainerServer(
                container,
                new Access(
                        URI.create("amqp://" + container.getHost() + ":" + ports.get(0)),
                        URI.create("http://" + container.getHost() + ":" + ports.get(1)),
                        container.getAdminUsername(),
                        password));
    }

    @Override
    public Access access() {
        return access;
    }

    @Override
    public String description() {
        return "a container of " + IMAGE;
    }

    @Override
    public void stop() {
        container
                .getDockerClient()
                .stopContainerCmd(container.getContainerId())
                .withTimeout(30)
                .exec();
    }

    @Override
    public void start() {
        container
                .getDockerClient()
                .startContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void kill() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void rabbitmqctl(String... arguments) {
        try {
            String[] command = new String[arguments.length + 1];
            command[0] = "rabbitmqctl";
            System.arraycopy(arguments, 0, command, 1, arguments.length);
            ExecResult result = container.execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException("rabbitmqctl " + List.of(arguments) + ": " + result.getStderr());
            }
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException("rabbitmqctl " + List.of(arguments), failed);
        }
    }

    @Override
    public void close() {
        container.stop();
    }

    private static boolean succeeds(Duration patience, String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean done = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            return done && process.exitValue() == 0;
        } catch (IOException _) {
            return false; // no docker here
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
