package io.kvmcloud.amqp;

import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.EventRow;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.GuestUse;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.ImportProgress;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.RefusedTemplate;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.TemplateWarmed.Outcome;
import io.kvmcloud.messages.TemplateCheck;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.TemplateView;
import io.kvmcloud.messages.UserData;
import io.kvmcloud.messages.WarmView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One of each message, as it could be on its way; what it looks like there is in {@code wire/*.json}. */
final class Samples {

    private static final ControllerName S2 = new ControllerName("s2");
    private static final InstanceId ID = InstanceId.parse("s2/2000");
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ5dGVzIG9mIGEgcHVibGljIGtleSAxMjM0 alice@laptop";
    private static final String REQUEST = "01990a5c-7e1b-7cc3-9c5e-2d1f0b7a6f43";
    private static final TemplateView MICRO = new TemplateView(
            "micro",
            "A tiny Debian that boots in seconds",
            MemorySize.ofMebibytes(72),
            "root",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            31_457_280L,
            true);
    private static final Forward WEB = new Forward(30080, 80, Protocol.TCP);
    private static final InstanceView OFFLINE = instance(InstanceStatus.OFFLINE);
    private static final InstanceView ONLINE = instance(InstanceStatus.ONLINE);
    private static final Capacity CAPACITY = new Capacity(8192, 64, 32, 2, 1);
    private static final ControllerView CONTROLLER = new ControllerView(
            S2,
            "host-b",
            "0.1.0",
            "tcg",
            "/dev/kvm is not there",
            CAPACITY,
            List.of(MICRO),
            List.of(new RefusedTemplate("debian", "rootfs.qcow2 is missing")),
            List.of(new WarmView("micro", MemorySize.ofMebibytes(128), 1, 150_994_944)));

    private static final OpView OP = new OpView(
            REQUEST,
            "write.instance.run.s2.2000",
            OpStatus.FAILED,
            "instance s2/2000 is already online",
            "`kvm-cloud kill s2/2000` stops it",
            List.of(
                    new OpStep(Instant.parse("2026-11-22T18:30:00.123Z"), "m1", "sent to s2"),
                    new OpStep(Instant.parse("2026-11-22T18:30:00.130Z"), "s2", "taken"),
                    new OpStep(Instant.parse("2026-11-22T18:30:00.131Z"), "s2", "answered: error")));
    private static final DeadLetter LETTER = new DeadLetter(
            "5e0c9a71",
            "2026-11-22T18:30:00.123Z",
            "controller s2 did not pick the command up within 5 s (last seen 1 s ago); nothing was done",
            "alice",
            "instance.kill",
            "write.instance.kill.s2.2000",
            16);

    private static final List<Message> ALL = List.of(
            new Command.NewInstance(
                    "micro",
                    MemorySize.ofMebibytes(64),
                    2,
                    List.of(KEY),
                    "web-1",
                    new DiskSize(4096),
                    new UserData("#!/bin/sh\necho hello\n"),
                    List.of(new Forward(8080, 80, Protocol.TCP), new Forward(0, 53, Protocol.UDP))),
            new Command.RunInstance(ID),
            new Command.StopInstance(ID, 60, false),
            new Command.KillInstance(ID),
            new Command.RestartInstance(ID, 60),
            new Command.PauseInstance(ID),
            new Command.ResumeInstance(ID),
            new Command.DeleteInstance(ID, false),
            new Command.AddForward(ID, new Forward(0, 80, Protocol.TCP)),
            new Command.RemoveForward(ID, new Forward.Port(8080, Protocol.TCP)),
            new Command.TypeInput(ID, REQUEST, 1, "root\r"),
            new Command.WarmTemplate(S2, "micro", MemorySize.ofMebibytes(128), 1, true),
            new Command.DrainController(S2),
            new Command.UndrainController(S2),
            new Command.VerifyTemplates(S2, "micro"),
            new Command.ImportTemplate(
                    S2,
                    "mine",
                    List.of(new Image(
                            Image.Role.DISK,
                            "https://example.org/disk.qcow2",
                            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
                    "",
                    "My own system",
                    "me",
                    MemorySize.ofMebibytes(256),
                    true),
            new Command.RemoveTemplate(S2, "mine"),
            new Command.TidyTemplates(S2, true),
            new Command.ReadLog(ID, 20, 4096L, 10),
            new Command.ExamineHost(S2),
            new Command.MeasureHost(S2),
            new Command.ExamineCloud(),
            new Command.ListInstances(new Page("s1/1999", 500)),
            new Command.ListTemplates(),
            new Command.ListControllers(new Page("s1", 500)),
            new Command.ListEvents(1_764_009_000_000_000L, 10),
            new Command.ShowOp(REQUEST),
            new Command.Ping(),
            new Command.ForgetController(S2),
            new Command.ListDeadLetters(),
            new Command.ShowDeadLetter("5e0c9a71"),
            new Command.RequeueDeadLetters(List.of("5e0c9a71")),
            new Command.DropDeadLetters(List.of("5e0c9a71", "0b7d44f2")),
            new Reply.InstanceCreated(OFFLINE),
            new Reply.InstanceStarted(ONLINE),
            new Reply.InstanceStopped(OFFLINE),
            new Reply.InstancePaused(instance(InstanceStatus.PAUSED)),
            new Reply.InstanceDeleted(ID, ""),
            new Reply.InstanceForwarded(ONLINE, WEB),
            new Reply.InstanceUnforwarded(OFFLINE),
            new Reply.TemplateWarmed(S2, Outcome.MADE, 4200, 150_994_944),
            new Reply.ControllerDrained(S2, 3),
            new Reply.ControllerUndrained(S2, 3),
            new Reply.TemplatesVerified(
                    S2, List.of(new TemplateCheck("micro", TemplateCheck.State.OK, MICRO.digest(), 31_457_280, ""))),
            new Reply.TemplateImported(S2, Reply.TemplateImported.Effect.MADE, MICRO.digest(), 31_457_280, 4200),
            new Reply.TemplateRemoved(S2, 31_457_280),
            new Reply.TemplatesTidied(S2, true, List.of(new Leftover(Leftover.Kind.IMAGE, MICRO.digest(), 31_457_280))),
            new Reply.InstanceLog(ID, "Linux version 6.1.0\nmicro login: ", 4096L, 4129L),
            new Reply.InstanceTyped(ID, REQUEST, 1),
            new Reply.HostExamined(
                    S2,
                    "0.1.0",
                    Instant.parse("2026-11-22T18:30:00.123Z"),
                    List.of(Finding.fail("disk", "12 MiB free of 20.0 GiB in /var/lib/kvm-cloud", "make room there"))),
            new Reply.HostMeasured(
                    S2,
                    Instant.parse("2026-11-22T18:30:00.123Z"),
                    0.75,
                    8,
                    List.of(new GuestUse(ID, 3_250, 246)),
                    List.of(new ImportProgress("mine", 31_457_280, 629_145_600))),
            new Reply.CloudExamined(
                    "m1",
                    "0.1.0",
                    Instant.parse("2026-11-22T18:30:00.123Z"),
                    List.of(Finding.ok("queues", "all 4 have a consumer, no command waits"))),
            new Reply.InstanceList(List.of(new InstanceRow(ONLINE, 1.25, true)), "s2/2000"),
            new Reply.TemplateList(List.of(new TemplateRow(MICRO, List.of(new ControllerName("s1"), S2)))),
            new Reply.ControllerList(List.of(new ControllerRow(CONTROLLER, 0.75, true)), "s2"),
            new Reply.EventList(
                    List.of(new EventRow(Instant.ofEpochSecond(1_764_009_000), "s2/2000", "web-1", "ONLINE", "")),
                    1_764_009_000_000_001L),
            new Reply.OpShown(OP),
            new Reply.Pong("m1"),
            new Reply.ControllerForgotten(S2, 3, 0),
            new Reply.DeadLetterList(List.of(LETTER), 1),
            new Reply.DeadLetterShown(LETTER, List.of("attempt: 0", "message_id: " + REQUEST), "{\"id\":\"s2/2000\"}"),
            new Reply.DeadLettersSettled(
                    List.of("5e0c9a71"),
                    List.of(new Reply.DeadLettersSettled.Refused(
                            "0b7d44f2",
                            Reason.NOT_FOUND,
                            "there is no dead letter 0b7d44f2",
                            "`kvm-cloud dead-letters` lists them"))),
            new Reply.Failure(
                    Reason.REFUSED, "instance s2/2000 is already online", "`kvm-cloud kill s2/2000` stops it"),
            new Inquiry.RollCall(),
            new Inquiry.AskOp(REQUEST),
            new Inquiry.OpKnown("s2", List.of(OP)),
            new Inquiry.Locate(REQUEST),
            new Inquiry.Located(S2, REQUEST, true),
            new Event.ControllerUp(CONTROLLER, List.of(ONLINE)),
            new Event.ControllerHeartbeat(S2, CAPACITY),
            new Event.ControllerDown(S2),
            new Event.ControllerForgotten(S2),
            new Event.InstanceChanged(ONLINE),
            new Event.InstanceRemoved(ID),
            new Event.InstanceNotCreated(ID, REQUEST));

    private Samples() {}

    /** The sample of each kind of message below {@code family}, in the order of the source. */
    static List<Message> of(Class<? extends Message> family) {
        return kinds(family).stream().map(Samples::sample).toList();
    }

    /** Every record below a sealed interface. */
    static List<Class<? extends Message>> kinds(Class<? extends Message> family) {
        if (family.isRecord()) {
            return List.of(family);
        }
        List<Class<? extends Message>> kinds = new ArrayList<>();
        for (Class<?> permitted : family.getPermittedSubclasses()) {
            kinds.addAll(kinds(permitted.asSubclass(Message.class)));
        }
        return kinds;
    }

    private static Message sample(Class<? extends Message> kind) {
        return ALL.stream()
                .filter(kind::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError("write a sample of " + kind.getSimpleName() + " into Samples"));
    }

    private static InstanceView instance(InstanceStatus status) {
        return new InstanceView(
                ID,
                "web-1",
                "micro",
                MemorySize.ofMebibytes(64),
                2,
                new DiskSize(4096),
                2301,
                "192.0.2.7",
                "root",
                status,
                Instant.parse("2026-11-22T18:30:00.123Z"),
                "",
                BootReport.NONE,
                List.of(WEB),
                12);
    }
}
