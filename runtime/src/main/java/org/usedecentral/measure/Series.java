package org.usedecentral.measure;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The rounds of one contender with one workload.
 *
 * @param failure why there are fewer rounds than were wanted, or none; empty if there are all
 */
public record Series(String name, String model, Workload workload, List<Round> rounds, String failure) {
    public Series {
        rounds = List.copyOf(rounds);
    }

    /** A figure of the rounds that generated. */
    public Spread generation(ToDoubleFunction<Round.Generation> figure) {
        return Spread.of(rounds.stream()
                .filter(Round.Generation.class::isInstance)
                .map(Round.Generation.class::cast)
                .mapToDouble(figure));
    }

    /** A figure of the rounds that embedded. */
    public Spread embedding(ToDoubleFunction<Round.Embedding> figure) {
        return Spread.of(rounds.stream()
                .filter(Round.Embedding.class::isInstance)
                .map(Round.Embedding.class::cast)
                .mapToDouble(figure));
    }

    /** Whether it is about embeddings. */
    public boolean embeds() {
        return rounds.stream().anyMatch(Round.Embedding.class::isInstance);
    }

    /** The most memory the engine's process had in bytes; {@link ProcessMeter#HIDDEN} where it cannot be seen. */
    public long peakBytes() {
        return rounds.stream()
                .mapToLong(round -> round.memory().peakBytes())
                .max()
                .orElse(ProcessMeter.HIDDEN);
    }

    /** The memory it had at the end of the last round, likewise. */
    public long residentBytes() {
        return rounds.isEmpty()
                ? ProcessMeter.HIDDEN
                : rounds.getLast().memory().residentBytes();
    }
}
