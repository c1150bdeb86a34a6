package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The system's own ssh, as we call it: with our known hosts, our key, and nothing from the person's configuration, which is
 * about other machines.
 *
 * @param program {@code ssh} or {@code scp}
 * @param knownHosts ours, so that instances never meet a line about another machine
 * @param identities private keys in the order they are tried
 */
record SshClient(String program, Path knownHosts, List<Path> identities) {

    private static final int INTERRUPTED = 130;

    /** The arguments after the name of ssh. */
    List<String> arguments(InstanceView instance, String login, boolean ask, List<String> command) {
        List<String> arguments = options(instance, login, ask);
        arguments.add(alias(instance));
        if (!command.isEmpty()) {
            arguments.add("--"); // ssh reads options after the host too
            arguments.addAll(command);
        }
        return arguments;
    }

    /** The arguments after the name of scp; paths in the instance are those after {@link #alias(InstanceView)} and a colon. */
    List<String> copying(InstanceView instance, String login, boolean ask, boolean recursive, List<String> paths) {
        List<String> arguments = options(instance, login, ask);
        arguments.add("-s"); // SFTP, also by a client of OpenSSH 8, whose old way gives names to a shell in the guest
        if (recursive) {
            arguments.add("-r");
        }
        arguments.add("--");
        arguments.addAll(paths);
        return arguments;
    }

    /** What both programs understand. */
    private List<String> options(InstanceView instance, String login, boolean ask) {
        List<String> arguments = new ArrayList<>(List.of("-F", "/dev/null"));
        option(arguments, "Port", Integer.toString(instance.sshPort()));
        if (!login.isEmpty()) {
            option(arguments, "User", login);
        }
        identities.forEach(key -> arguments.addAll(List.of("-i", tokens(key.toString()))));
        option(arguments, "HostName", quoted(instance.address()));
        option(arguments, "HostKeyAlias", alias(instance));
        option(arguments, "UserKnownHostsFile", quoted(knownHosts.toString()));
        option(arguments, "GlobalKnownHostsFile", "/dev/null");
        option(arguments, "StrictHostKeyChecking", "accept-new");
        option(arguments, "CheckHostIP", "no");
        option(arguments, "IdentitiesOnly", "yes"); // an agent full of other keys uses up the server's patience
        option(arguments, "LogLevel", "ERROR");
        option(arguments, "ServerAliveInterval", "30");
        if (!ask) {
            option(arguments, "BatchMode", "yes");
        }
        return arguments;
    }

    /**
     * Runs it on our own stdin, stdout and stderr.
     *
     * @param script true when stdin is not for the guest
     * @return the guest's exit code; 255 when ssh itself failed
     */
    int run(List<String> arguments, boolean script) {
        List<String> words = new ArrayList<>(List.of(program));
        words.addAll(arguments);
        var builder = new ProcessBuilder(words).inheritIO();
        if (script) {
            builder.redirectInput(new File("/dev/null"));
        }
        Process ssh;
        try {
            ssh = builder.start();
        } catch (IOException failed) {
            throw missing(program, failed);
        }
        var ending = new Thread(ssh::destroy, "end ssh");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            return ssh.waitFor();
        } catch (InterruptedException _) {
            ssh.destroy(); // Ctrl-C in the shell; a remote terminal never lets it get here
            return INTERRUPTED;
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(ending);
            } catch (IllegalStateException _) {
                // The JVM is ending already and runs it.
            }
        }
    }

    /** The sentence for a machine without OpenSSH's programs. */
    static CommandFailed missing(String program, IOException cause) {
        // Java says: Cannot run program "ssh": Exec failed, error: 2 (No such file or directory)
        String why = String.valueOf(cause.getMessage()).replaceFirst("(?s).*\\((.*)\\)\\s*$", "$1");
        return new CommandFailed(
                Reason.FAILED,
                "cannot run " + program + ": " + why,
                "install OpenSSH's client: `apt-get install openssh-client` or `dnf install openssh-clients`",
                cause);
    }

    /**
     * The name under which the host key is remembered. Ports are used again, ids are not; the second it was created tells
     * apart instances with the same id in different clouds.
     */
    static String alias(InstanceView instance) {
        return "kvm-cloud-" + instance.id().controller() + "-" + instance.id().number() + "-"
                + instance.created().getEpochSecond();
    }

    private static void option(List<String> arguments, String name, String value) {
        arguments.addAll(List.of("-o", name + "=" + value));
    }

    /** One word for ssh's configuration language. */
    private static String quoted(String value) {
        return '"' + tokens(value).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** A percent sign begins a token there. */
    private static String tokens(String value) {
        return value.replace("%", "%%");
    }
}
