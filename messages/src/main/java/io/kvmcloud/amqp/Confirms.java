package io.kvmcloud.amqp;

import io.kvmcloud.amqp.ChannelLoop.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The publishes of one channel that the broker still owes a word about (its manual, "Publisher Confirms"). A message that no
 * queue takes is first returned and then confirmed like any other, so what came back is remembered until then.
 */
final class Confirms {

    private final NavigableMap<Long, Consumer<Outcome>> owed = new TreeMap<>();
    private final Set<Long> returned = new HashSet<>();

    /** From now on a word is owed about this publish. */
    void owe(long sequence, Consumer<Outcome> told) {
        owed.put(sequence, told);
    }

    /** This publish came back: its confirm will not mean that a queue has it. */
    void cameBack(long sequence) {
        returned.add(sequence);
    }

    /**
     * The broker's word.
     *
     * @param multiple true when it is about all publishes up to this one
     */
    void settle(long sequence, boolean multiple, Outcome outcome) {
        NavigableMap<Long, Consumer<Outcome>> settled =
                multiple ? owed.headMap(sequence, true) : owed.subMap(sequence, true, sequence, true);
        List<Runnable> words = new ArrayList<>();
        settled.forEach(
                (number, told) -> words.add(() -> told.accept(returned.remove(number) ? Outcome.UNROUTABLE : outcome)));
        settled.clear();
        words.forEach(Runnable::run); // which may publish, and so change what is owed
    }
}
