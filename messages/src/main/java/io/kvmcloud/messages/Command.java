package io.kvmcloud.messages;

import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.Reply.CloudExamined;
import io.kvmcloud.messages.Reply.ControllerDrained;
import io.kvmcloud.messages.Reply.ControllerForgotten;
import io.kvmcloud.messages.Reply.ControllerList;
import io.kvmcloud.messages.Reply.ControllerUndrained;
import io.kvmcloud.messages.Reply.DeadLetterList;
import io.kvmcloud.messages.Reply.DeadLetterShown;
import io.kvmcloud.messages.Reply.DeadLettersSettled;
import io.kvmcloud.messages.Reply.EventList;
import io.kvmcloud.messages.Reply.HostExamined;
import io.kvmcloud.messages.Reply.HostMeasured;
import io.kvmcloud.messages.Reply.InstanceCreated;
import io.kvmcloud.messages.Reply.InstanceDeleted;
import io.kvmcloud.messages.Reply.InstanceForwarded;
import io.kvmcloud.messages.Reply.InstanceList;
import io.kvmcloud.messages.Reply.InstanceLog;
import io.kvmcloud.messages.Reply.InstancePaused;
import io.kvmcloud.messages.Reply.InstanceStarted;
import io.kvmcloud.messages.Reply.InstanceStopped;
import io.kvmcloud.messages.Reply.InstanceTyped;
import io.kvmcloud.messages.Reply.InstanceUnforwarded;
import io.kvmcloud.messages.Reply.OpShown;
import io.kvmcloud.messages.Reply.Pong;
import io.kvmcloud.messages.Reply.TemplateImported;
import io.kvmcloud.messages.Reply.TemplateList;
import io.kvmcloud.messages.Reply.TemplateRemoved;
import io.kvmcloud.messages.Reply.TemplateWarmed;
import io.kvmcloud.messages.Reply.TemplatesTidied;
import io.kvmcloud.messages.Reply.TemplatesVerified;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Everything a client can ask for. The family says who answers, and it is all that a manager knows of a command.
 *
 * @param <R> what answers it when it succeeds; a {@link Reply.Failure} when not
 */
public sealed interface Command<R extends Reply> extends Message {

    /** How long it asks to be left without an answer while nothing happens. */
    default int waitSeconds() {
        return 0;
    }

    /** Carried out by one controller that placement chooses. */
    sealed interface Placed<R extends Reply> extends Command<R> {
        /** The template the chosen controller must offer. */
        String template();

        /** The memory it must have left. */
        MemorySize memory();

        /** The virtual CPUs it must have left. */
        int cpus();

        /** A name that no other instance may have, or empty. */
        String name();
    }

    /** Carried out by the controller that owns the instance. */
    sealed interface Addressed<R extends Reply> extends Command<R> {
        /** The instance it is about. */
        InstanceId id();

        /** Whether it is kept for a controller that is away, and carried out when that returns. */
        default boolean kept() {
            return false;
        }

        /** Whether its outcome is remembered; of what is not, a repeat is told apart by itself. */
        default boolean journalled() {
            return true;
        }
    }

    /** Carried out by the controller it names. */
    sealed interface Hosted<R extends Reply> extends Command<R> {
        /** Whose host it is about. */
        ControllerName controller();
    }

    /** Asked of a controller; changes nothing and leaves no trace. */
    sealed interface Inspection<R extends Reply> extends Command<R> {}

    /** Asked of the controller that owns the instance. */
    sealed interface InstanceInspection<R extends Reply> extends Inspection<R> {
        /** The instance it is about. */
        InstanceId id();
    }

    /** Asked of the controller it names. */
    sealed interface HostInspection<R extends Reply> extends Inspection<R> {
        /** Whose host it is about. */
        ControllerName controller();
    }

    /** Answered by a manager from its table. */
    sealed interface Query<R extends Reply> extends Command<R> {}

    /** Carried out by a manager, any of them: changes, or shows to operators only, what the cloud keeps about itself. */
    sealed interface Administration<R extends Reply> extends Command<R> {}

    /**
     * Creates an instance, OFFLINE.
     *
     * @param cpus virtual CPUs, 1 to 256
     * @param sshKeys public keys in OpenSSH's one-line form that may log in, at most 20; null is none
     * @param name an {@link InstanceName}, or empty, as is null
     * @param disk at least what the template has; null is {@link DiskSize#OF_TEMPLATE}
     * @param userData for its first boot; null is none
     * @param forwards no port of the host twice; null is none
     */
    @WireName("instance.new")
    record NewInstance(
            String template,
            MemorySize memory,
            int cpus,
            List<String> sshKeys,
            String name,
            DiskSize disk,
            UserData userData,
            List<Forward> forwards)
            implements Placed<InstanceCreated> {

        private static final Pattern SSH_KEY =
                Pattern.compile("(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\\p{Cntrl}]*)?");

        /** @throws IllegalArgumentException when cpus is out of range, a key not in OpenSSH's form, or the name is none */
        public NewInstance {
            cpus = checkedCpus(cpus);
            name = InstanceName.orNone(name);
            disk = DiskSize.orTemplates(disk);
            sshKeys = sshKeys == null ? List.of() : List.copyOf(sshKeys);
            if (sshKeys.size() > 20) {
                throw new IllegalArgumentException("at most 20 SSH keys, not " + sshKeys.size());
            }
            for (String key : sshKeys) {
                if (key.length() > 8192 || !SSH_KEY.matcher(key).matches()) {
                    throw new IllegalArgumentException("'" + Text.shorten(key) + "' is not an OpenSSH public key");
                }
            }
            userData = userData == null ? UserData.NONE : userData;
            forwards = Forward.distinct(forwards);
        }

        private static int checkedCpus(int cpus) {
            if (cpus < 1 || cpus > 256) {
                throw new IllegalArgumentException("CPUs must be between 1 and 256, not " + cpus);
            }
            return cpus;
        }

        /** One without a name, on a disk as large as the template's, that boots as that does; only SSH is reached. */
        public NewInstance(String template, MemorySize memory, int cpus, List<String> sshKeys) {
            this(template, memory, cpus, sshKeys, "", DiskSize.OF_TEMPLATE, UserData.NONE, List.of());
        }

        /** The same under another name. */
        public NewInstance named(String other) {
            return new NewInstance(template, memory, cpus, sshKeys, other, disk, userData, forwards);
        }
    }

    /** Starts an OFFLINE instance; answered when its QEMU runs and its SSH port is forwarded. */
    @WireName("instance.run")
    record RunInstance(InstanceId id) implements Addressed<InstanceStarted> {}

    /**
     * Asks the guest to power down (ACPI) and waits until it has.
     *
     * @param seconds how long the guest may take, 1 to 3600
     * @param force whether it is ended then, as {@link KillInstance} does; null is false
     */
    @WireName("instance.stop")
    record StopInstance(InstanceId id, int seconds, Boolean force) implements Addressed<InstanceStopped> {
        /** @throws IllegalArgumentException when seconds is not between 1 and 3600 */
        public StopInstance {
            check(seconds);
            force = force != null && force;
        }

        private static void check(int seconds) {
            if (seconds < 1 || seconds > 3600) {
                throw new IllegalArgumentException("a stop may take between 1 and 3600 seconds, not " + seconds);
            }
        }
    }

    /** Ends the instance's QEMU without asking the guest; the disk stays. */
    @WireName("instance.kill")
    record KillInstance(InstanceId id) implements Addressed<InstanceStopped> {}

    /**
     * Stops an ONLINE instance as {@link StopInstance} does and starts it again; an OFFLINE one is started.
     *
     * @param seconds how long the guest may take to power down, 1 to 3600
     */
    @WireName("instance.restart")
    record RestartInstance(InstanceId id, int seconds) implements Addressed<InstanceStarted> {
        /** @throws IllegalArgumentException when seconds is not between 1 and 3600 */
        public RestartInstance {
            StopInstance.check(seconds);
        }
    }

    /** Freezes the guest: its CPUs stand still, its memory stays where it is. */
    @WireName("instance.pause")
    record PauseInstance(InstanceId id) implements Addressed<InstancePaused> {}

    /** Lets a paused guest go on. */
    @WireName("instance.resume")
    record ResumeInstance(InstanceId id) implements Addressed<InstanceStarted> {}

    /**
     * Removes the instance with its disk.
     *
     * @param force also when it is running, and, if its controller is away, when that returns
     */
    @WireName("instance.delete")
    record DeleteInstance(InstanceId id, boolean force) implements Addressed<InstanceDeleted> {
        @Override
        public boolean kept() {
            return force;
        }
    }

    /**
     * Makes a port of the host lead to one of the guest's, from now on and at each start.
     *
     * @param forward host port 0 is any that is free
     */
    @WireName("instance.forward")
    record AddForward(InstanceId id, Forward forward) implements Addressed<InstanceForwarded> {}

    /** Undoes that; connections that are open stay. */
    @WireName("instance.unforward")
    record RemoveForward(InstanceId id, Forward.Port port) implements Addressed<InstanceUnforwarded> {}

    /**
     * Types into the serial console of a running instance. No journal keeps it, since people type passwords: it is typed once
     * or not at all, and the numbers tell what was lost.
     *
     * @param line chosen by who types, 1 to 64 characters; a controller that is started again knows none of before
     * @param number 0 opens the line and types nothing, then 1, 2, 3 …: the next one is typed, one of before was, and another
     *     is refused
     * @param text at most 4096 characters
     */
    @WireName("instance.type")
    record TypeInput(InstanceId id, String line, long number, String text) implements Addressed<InstanceTyped> {

        /** The longest text. */
        public static final int MOST = 4096;

        /** @throws IllegalArgumentException when there is too much, or what opens a line has a text */
        public TypeInput {
            if (line != null && (line.isEmpty() || line.length() > 64)) {
                throw new IllegalArgumentException("a line has between 1 and 64 characters, not " + line.length());
            }
            if (text != null && text.length() > MOST) {
                throw new IllegalArgumentException(
                        "at most " + MOST + " characters are typed at once, not " + text.length());
            }
            if (number < 0 || number == 0 && text != null && !text.isEmpty()) {
                throw new IllegalArgumentException("what is typed has a number from 1 on; 0 opens the line");
            }
        }

        @Override
        public boolean journalled() {
            return false;
        }
    }

    /**
     * Sees to it that the next instance of this size is a copy of a guest that has booted.
     *
     * @param cpus virtual CPUs, 1 to 256
     * @param awaited whether it is answered when that is so, which takes as long as the template boots; or at once
     */
    @WireName("template.warm")
    record WarmTemplate(ControllerName controller, String template, MemorySize memory, int cpus, boolean awaited)
            implements Hosted<TemplateWarmed> {
        /** @throws IllegalArgumentException when cpus is out of range */
        public WarmTemplate {
            cpus = NewInstance.checkedCpus(cpus);
        }
    }

    /** From now on it is given no new instances; those it has go on. */
    @WireName("controller.drain")
    record DrainController(ControllerName controller) implements Hosted<ControllerDrained> {}

    /** It is given new instances again. */
    @WireName("controller.undrain")
    record UndrainController(ControllerName controller) implements Hosted<ControllerUndrained> {}

    /**
     * Reads every file of templates through and compares it with what they say.
     *
     * @param template which one; empty is all there are
     */
    @WireName("template.verify")
    record VerifyTemplates(ControllerName controller, String template) implements Hosted<TemplatesVerified> {
        /** @throws IllegalArgumentException when it is no name */
        public VerifyTemplates {
            template = template == null || template.isEmpty() ? template : TemplateName.checked(template);
        }
    }

    /**
     * Makes a template of files that the controller fetches; answered when it is there. What was fetched stays when it
     * breaks off, and the same again goes on with it.
     *
     * @param template its name
     * @param images a {@code DISK}, or a {@code KERNEL}, a {@code ROOTFS} and perhaps an {@code INITRD}
     * @param commandLine kernel parameters, or empty
     * @param description one line for people, or empty
     * @param login the user to log in as, or empty
     * @param minimumMemory an instance with less will be refused
     * @param seed whether its guests read a NoCloud seed
     */
    @WireName("template.import")
    record ImportTemplate(
            ControllerName controller,
            String template,
            List<Image> images,
            String commandLine,
            String description,
            String login,
            MemorySize minimumMemory,
            boolean seed)
            implements Hosted<TemplateImported> {

        private static final Set<Set<Role>> KINDS = Set.of(
                Set.of(Role.DISK), Set.of(Role.KERNEL, Role.ROOTFS), Set.of(Role.KERNEL, Role.INITRD, Role.ROOTFS));

        /** @throws IllegalArgumentException when it is no name, or these images make no template */
        public ImportTemplate {
            template = TemplateName.checked(template);
            images = images == null ? images : List.copyOf(images);
            if (images != null && images.stream().allMatch(image -> image.role() != null)) {
                requireTemplate(images.stream().map(Image::role).toList());
            }
        }

        private static void requireTemplate(List<Role> roles) {
            Set<Role> kinds = Set.copyOf(roles);
            if (!KINDS.contains(kinds) || kinds.size() != roles.size()) {
                throw new IllegalArgumentException(
                        "a template is a disk that boots itself, or a kernel, a root file system and perhaps an initrd, not "
                                + roles);
            }
        }
    }

    /** Removes a template that was imported; refused while an instance is made of it. */
    @WireName("template.remove")
    record RemoveTemplate(ControllerName controller, String template) implements Hosted<TemplateRemoved> {
        /** @throws IllegalArgumentException when it is no name */
        public RemoveTemplate {
            template = TemplateName.checked(template);
        }
    }

    /**
     * Removes what no template needs.
     *
     * @param dryRun whether it is only told
     */
    @WireName("template.tidy")
    record TidyTemplates(ControllerName controller, boolean dryRun) implements Hosted<TemplatesTidied> {}

    /**
     * Reads the end of what the instance has written to its serial console, or what it has written since.
     *
     * @param lines how many lines from the end, 1 to 10000
     * @param since the byte that an earlier answer ended before: what follows is read instead; null is -1, the end
     * @param seconds how long to wait for something to follow, at most 20; null is 0
     */
    @WireName("instance.log")
    record ReadLog(InstanceId id, int lines, Long since, Integer seconds) implements InstanceInspection<InstanceLog> {

        private static final int LONGEST_WAIT = 20;

        /** @throws IllegalArgumentException when lines is not between 1 and 10000, or it would wait too long */
        public ReadLog {
            since = since == null ? -1 : since;
            seconds = seconds == null ? 0 : seconds;
            if (lines < 1 || lines > 10_000) {
                throw new IllegalArgumentException("a log has between 1 and 10000 lines, not " + lines);
            }
            if (seconds < 0 || seconds > LONGEST_WAIT) {
                throw new IllegalArgumentException(
                        "a log is waited for between 0 and " + LONGEST_WAIT + " seconds, not " + seconds);
            }
        }

        @Override
        public int waitSeconds() {
            return seconds;
        }

        /** Its end, as it is now. */
        public ReadLog(InstanceId id, int lines) {
            this(id, lines, -1L, 0);
        }
    }

    /** Has a controller look at what its host must have. */
    @WireName("host.examine")
    record ExamineHost(ControllerName controller) implements HostInspection<HostExamined> {}

    /** Has a controller tell what its host and its guests use now: asked while somebody looks, so nobody pays for it else. */
    @WireName("host.measure")
    record MeasureHost(ControllerName controller) implements HostInspection<HostMeasured> {}

    /** Has a manager look at the queues, and at what it knows of the controllers. */
    @WireName("cloud.examine")
    record ExamineCloud() implements Query<CloudExamined> {}

    /**
     * What has happened lately: a manager remembers a thousand events, while it runs.
     *
     * @param since {@code next} of an earlier answer: only what happened after it; null is 0, all of them
     * @param seconds how long to wait for something to happen when nothing has, at most 20; a manager whom many ask answers sooner;
     *     null is 0
     */
    @WireName("event.list")
    record ListEvents(Long since, Integer seconds) implements Query<EventList> {

        private static final int LONGEST_WAIT = 20;

        /** @throws IllegalArgumentException when it would wait too long */
        public ListEvents {
            since = since == null ? 0 : since;
            seconds = seconds == null ? 0 : seconds;
            if (seconds < 0 || seconds > LONGEST_WAIT) {
                throw new IllegalArgumentException(
                        "events are waited for between 0 and " + LONGEST_WAIT + " seconds, not " + seconds);
            }
        }

        @Override
        public int waitSeconds() {
            return seconds;
        }
    }

    /**
     * The instances that the manager knows.
     *
     * @param page begins after an instance's id; null is {@link Page#WHOLE}
     */
    @WireName("instance.list")
    record ListInstances(Page page) implements Query<InstanceList> {
        /** @throws IllegalArgumentException when the page begins after what is no instance id */
        public ListInstances {
            page = page == null ? Page.WHOLE : page;
            if (!page.after().isEmpty()) {
                InstanceId.parse(page.after());
            }
        }

        /** All of them at once. */
        public ListInstances() {
            this(Page.WHOLE);
        }
    }

    /** All templates that some controller offers. */
    @WireName("template.list")
    record ListTemplates() implements Query<TemplateList> {}

    /**
     * The controllers that the manager knows.
     *
     * @param page begins after a controller's name; null is {@link Page#WHOLE}
     */
    @WireName("controller.list")
    record ListControllers(Page page) implements Query<ControllerList> {
        /** All of them at once, when no page is given. */
        public ListControllers {
            page = page == null ? Page.WHOLE : page;
        }

        /** All of them at once. */
        public ListControllers() {
            this(Page.WHOLE);
        }
    }

    /**
     * What became of a command?
     *
     * @param op the id it was asked under
     */
    @WireName("op.show")
    record ShowOp(String op) implements Query<OpShown> {}

    /** Is a manager there? */
    @WireName("ping")
    record Ping() implements Query<Pong> {}

    /** Gives up a controller that is lost for good, with what it had; one that returns is simply there again. */
    @WireName("controller.forget")
    record ForgetController(ControllerName controller) implements Administration<ControllerForgotten> {}

    /** The messages nobody could handle, the oldest first. */
    @WireName("dead-letter.list")
    record ListDeadLetters() implements Administration<DeadLetterList> {}

    /** One of them with all that is in it. */
    @WireName("dead-letter.show")
    record ShowDeadLetter(String id) implements Administration<DeadLetterShown> {}

    /**
     * Sends dead letters again that are commands; each may have been carried out before, so it is located first.
     *
     * @param ids at most 1000
     */
    @WireName("dead-letter.requeue")
    record RequeueDeadLetters(List<String> ids) implements Administration<DeadLettersSettled> {
        /** @throws IllegalArgumentException when there are too many */
        public RequeueDeadLetters {
            ids = DeadLetter.checked(ids);
        }
    }

    /**
     * Removes dead letters.
     *
     * @param ids at most 1000
     */
    @WireName("dead-letter.drop")
    record DropDeadLetters(List<String> ids) implements Administration<DeadLettersSettled> {
        /** @throws IllegalArgumentException when there are too many */
        public DropDeadLetters {
            ids = DeadLetter.checked(ids);
        }
    }
}
