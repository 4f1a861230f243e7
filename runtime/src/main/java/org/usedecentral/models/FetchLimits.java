package org.usedecentral.models;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long things may take.
 *
 * @param stall without one byte of a download arriving
 * @param client for a package client, from start to end
 * @param turn for another process, or thread, that fetches the same artifact
 */
record FetchLimits(Duration stall, Duration client, Duration turn) {
    static final FetchLimits STANDARD =
            new FetchLimits(Duration.ofMinutes(1), Duration.ofMinutes(30), Duration.ofHours(2));

    /** The moment at which a wait of {@code limit} that starts now is over. */
    static Deadline deadline(LongSupplier nanoTime, Duration limit) {
        return new Deadline(nanoTime, nanoTime.getAsLong() + limit.toNanos());
    }

    /** A moment on a clock that only measures durations, such as {@link System#nanoTime}. */
    record Deadline(LongSupplier nanoTime, long at) {
        boolean passed() {
            return nanoTime.getAsLong() - at >= 0;
        }
    }
}
