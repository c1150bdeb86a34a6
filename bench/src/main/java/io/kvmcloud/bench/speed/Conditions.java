package io.kvmcloud.bench.speed;

import com.rabbitmq.client.impl.AMQConnection;
import io.kvmcloud.settings.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** On what and with what something was measured; without what would tell whose machine it is. */
final class Conditions {

    private Conditions() {}

    /** @param broker its version */
    static Map<String, String> now(String broker) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("machine", Runtime.getRuntime().availableProcessors() + " CPUs, " + cpu() + ", " + memory());
        all.put("load before", load());
        all.put(
                "versions",
                "KVM-cloud " + Version.current() + ", RabbitMQ " + broker + ", amqp-client "
                        + AMQConnection.defaultClientProperties().get("version") + ", Java "
                        + Runtime.version() + ", Linux " + System.getProperty("os.version"));
        return all;
    }

    private static String cpu() {
        return line("/proc/cpuinfo", "model name").replaceAll(".*: *", "");
    }

    private static String memory() {
        long kib = Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
        return Math.round(kib / 1048576.0) + " GiB";
    }

    private static String load() {
        return line("/proc/loadavg", "").replaceAll("^(\\S+ \\S+ \\S+).*", "$1");
    }

    private static String line(String file, String beginning) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(beginning))
                    .findFirst()
                    .orElse("0");
        } catch (IOException unreadable) {
            return "0";
        }
    }
}
