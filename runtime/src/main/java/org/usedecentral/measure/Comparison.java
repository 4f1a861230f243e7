package org.usedecentral.measure;

import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.DecentralException;

/**
 * Measures contenders in turn, workload by workload and round by round, so that what else the machine does hits all of them alike. Each is warmed up first.
 * Used once, by one thread.
 */
public final class Comparison {
    /** The most rounds. */
    public static final int MOST_ROUNDS = 1000;

    private static final int WARM_UP_TOKENS = 32;

    private final List<Contender> contenders;
    private final List<Workload> workloads;
    private final int rounds;
    private final List<Entry> entries = new ArrayList<>();

    /** Told what is measured next, in the thread that measures. */
    public interface Listener {
        /**
         * A contender is next.
         *
         * @param round from 1; 0 while warming up
         */
        void next(int round, Contender contender, Workload workload);
    }

    private static final class Entry {
        private final Contender contender;
        private final Workload workload;
        private final List<Round> rounds = new ArrayList<>();
        private String failure;

        Entry(Contender contender, Workload workload) {
            this.contender = contender;
            this.workload = workload;
            this.failure = contender.refusal(workload);
        }
    }

    public Comparison(List<Contender> contenders, List<Workload> workloads, int rounds) {
        if (rounds < 1 || rounds > MOST_ROUNDS) {
            throw new IllegalArgumentException("rounds must lie in 1 … " + MOST_ROUNDS + ", not " + rounds);
        }
        this.contenders = List.copyOf(contenders);
        this.workloads = List.copyOf(workloads);
        this.rounds = rounds;
    }

    /** Runs everything. A contender that fails with a workload is left out of that workload's other rounds, and its series says why. */
    public List<Series> run(Listener listener) throws InterruptedException {
        for (Contender contender : contenders) {
            workloads.forEach(workload -> entries.add(new Entry(contender, workload)));
        }
        for (Contender contender : contenders) {
            warmUp(contender, listener);
        }
        for (int round = 1; round <= rounds; round++) {
            for (Workload workload : workloads) {
                // Nobody is always the one that runs after an idle moment.
                for (int i = 0; i < contenders.size(); i++) {
                    play(round, entry(contenders.get((i + round - 1) % contenders.size()), workload), listener);
                }
            }
        }
        return entries.stream()
                .map(entry -> new Series(
                        entry.contender.name(), entry.contender.model(), entry.workload, entry.rounds, entry.failure))
                .toList();
    }

    private Entry entry(Contender contender, Workload workload) {
        return entries.stream()
                .filter(entry -> entry.contender.equals(contender) && entry.workload.equals(workload))
                .findFirst()
                .orElseThrow();
    }

    private void warmUp(Contender contender, Listener listener) throws InterruptedException {
        Entry first = entries.stream()
                .filter(entry -> entry.contender.equals(contender) && entry.failure.isEmpty())
                .findFirst()
                .orElse(null);
        if (first == null) {
            return;
        }
        Workload usual = first.workload;
        Workload brief = new Workload(
                usual.streams(), Math.min(WARM_UP_TOKENS, usual.outputTokens()), usual.promptTokens(), usual.mixed());
        listener.next(0, contender, brief);
        try {
            Round _ = contender.run(brief);
        } catch (DecentralException e) {
            entries.stream()
                    .filter(entry -> entry.contender.equals(contender) && entry.failure.isEmpty())
                    .forEach(entry -> entry.failure = "fails while warming up: " + e.message());
        }
    }

    private static void play(int round, Entry entry, Listener listener) throws InterruptedException {
        if (!entry.failure.isEmpty()) {
            return;
        }
        listener.next(round, entry.contender, entry.workload);
        try {
            entry.rounds.add(entry.contender.run(entry.workload));
        } catch (DecentralException e) {
            entry.failure = "fails in round " + round + ": " + e.message();
        }
    }
}
