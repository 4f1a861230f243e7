package org.usedecentral.hardware;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Device;

/** Which model a machine runs when nobody says, and with how many slots. Stateless. */
public final class ModelChoice {
    private static final int MOST_SLOTS = 16;
    private static final int MOST_CPU_SLOTS = 4;
    private static final long GIBI = 1L << 30;

    /** Left to engine, buffers and other programs: a tenth, at most two gibibytes. */
    private static final long MOST_MARGIN = 2 * GIBI;

    private ModelChoice() {}

    /** A model that could be run. */
    public interface Candidate {
        String id();

        /** Bytes for the weights and the KV cache of so many slots; 0 when unknown: it is not chosen. */
        long memory(int slots);
    }

    /**
     * What was chosen.
     *
     * @param why a sentence for the log
     */
    public record Choice(String model, int slots, String why) {}

    /**
     * The largest model that fits with one slot, with as many slots as memory is left for.
     *
     * @param place where the engine computes
     * @throws DecentralException {@code UNAVAILABLE} if none fits, saying how much is missing
     */
    public static Choice choose(Machine machine, Machine.Place place, List<? extends Candidate> candidates) {
        List<? extends Candidate> known =
                candidates.stream().filter(candidate -> candidate.memory(1) > 0).toList();
        Optional<? extends Candidate> largest = known.stream()
                .filter(candidate -> candidate.memory(1) <= budget(place))
                .max(Comparator.comparingLong(candidate -> candidate.memory(1)));
        if (largest.isEmpty()) {
            throw tooLittle(place, known);
        }
        Candidate chosen = largest.get();
        int most = place.kind() == Device.Kind.CPU
                ? Math.min(
                        MOST_SLOTS, Math.max(MOST_CPU_SLOTS, machine.processor().cores()))
                : MOST_SLOTS;
        int slots = 1;
        while (slots < most && chosen.memory(slots + 1) <= budget(place)) {
            slots++;
        }
        return new Choice(
                chosen.id(),
                slots,
                "chose " + chosen.id() + " with " + slots + (slots == 1 ? " slot: " : " slots: ")
                        + gibibytes(chosen.memory(slots)) + " of " + gibibytes(place.total()) + " ("
                        + gibibytes(place.available()) + " free) on " + place.name());
    }

    private static long budget(Machine.Place place) {
        return place.available() - Math.min(MOST_MARGIN, place.available() / 10);
    }

    private static DecentralException tooLittle(Machine.Place place, List<? extends Candidate> known) {
        String has = place.name() + " has " + gibibytes(place.available()) + " of memory free";
        return new DecentralException(
                ErrorCode.UNAVAILABLE,
                known.stream()
                        .min(Comparator.comparingLong(candidate -> candidate.memory(1)))
                        .map(smallest -> "no model of the catalogue fits: " + has + ", and the smallest, "
                                + smallest.id() + ", needs " + gibibytes(smallest.memory(1))
                                + " and a tenth to spare. End other programs, or name a smaller model in worker.models")
                        .orElse("the catalogue has no chat model whose memory need is known: name one in"
                                + " worker.models"));
    }

    /** Such as {@code 1.2 GiB}. */
    public static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, bytes < GIBI / 10 ? "%.2f GiB" : "%.1f GiB", (double) bytes / GIBI);
    }
}
