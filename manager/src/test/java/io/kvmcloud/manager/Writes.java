package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Writes that arrive at {@link Routing}, and what it decided in words a test can compare. */
final class Writes {

    static final History FRESH = new History.Fresh();
    static final History REPEATED = new History.Repeated();
    private static final Instant DEADLINE = Some.NOON.plusSeconds(70);

    private Writes() {}

    static Write anyone(String id, History history) {
        return anyone(id, history, DEADLINE);
    }

    static Write anyone(String id, History history, Instant deadline) {
        return named(id, "", history, deadline);
    }

    static Write named(String id, String name, History history) {
        return named(id, name, history, DEADLINE);
    }

    static Write named(String id, String name, History history, Instant deadline) {
        Target target = new Target.Anyone(new Needs("micro", new MemorySize(64), 1, name));
        return write(id, target, "write.instance.new", history, deadline);
    }

    static Write needing(String id, Needs needs, History history) {
        return write(id, new Target.Anyone(needs), "write.instance.new", history, DEADLINE);
    }

    static Write owner(String id, String controller, History history) {
        return write(
                id,
                new Target.Owner(new ControllerName(controller), 2000),
                "write.instance.kill." + controller + ".2000",
                history,
                DEADLINE);
    }

    static Write write(String id, Target target, String key, History history, Instant deadline) {
        Delivery delivery = Some.fromClient(
                key, Some.envelope("instance.new", id, Some.REPLY_TO, "operator", Some.newHeaders("micro", 64, 1)));
        return new Write(id, target, key, history, 0, deadline, false, false, "operator", delivery);
    }

    static History unread(String copy) {
        return new History.Returned(copy, true);
    }

    static History read(String copy) {
        return new History.Returned(copy, false);
    }

    static String sends(List<Step> steps) {
        assertThat(steps).singleElement().isInstanceOf(Step.Send.class);
        return shown(steps.getFirst()).substring("send ".length());
    }

    static Set<ControllerName> asked(List<Step> steps) {
        assertThat(steps).singleElement().isInstanceOf(Step.Ask.class);
        return new TreeSet<>(((Step.Ask) steps.getFirst()).whom());
    }

    static String search(List<Step> steps) {
        assertThat(steps).singleElement().isInstanceOf(Step.Ask.class);
        return ((Step.Ask) steps.getFirst()).search();
    }

    static String failure(List<Step> steps) {
        assertThat(steps).singleElement().isInstanceOf(Step.Answer.class);
        Step.Answer answer = (Step.Answer) steps.getFirst();
        return answer.failure().reason() + " " + answer.failure().message();
    }

    /** What its client is told when it is put aside. */
    static String parked(List<Step> steps) {
        assertThat(steps).singleElement().isInstanceOf(Step.Park.class);
        return ((Failure) ((Step.Park) steps.getFirst()).what()).message();
    }

    static String shown(Step step) {
        return switch (step) {
            case Step.Send send -> "send " + send.to() + " " + send.copy();
            case Step.Ask ask -> "ask " + ask.whom();
            case Step.Drop _ -> "drop";
            case Step.Answer answer -> "answer " + answer.failure().reason();
            case Step.Park _ -> "park";
        };
    }
}
