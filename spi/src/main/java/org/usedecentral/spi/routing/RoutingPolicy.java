package org.usedecentral.spi.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Plugin;

/** Judges workers for a job. Pure: no I/O, clock, randomness or state, so that a decision can be explained again. Called by many threads. */
public interface RoutingPolicy extends Plugin {
    /** Why this worker must not have the job, or null. */
    default @Nullable Refusal refuse(RoutingContext job, WorkerSnapshot worker) {
        return null;
    }

    /** Writes a score for each candidate at its index: 0 worst … 1 best, all at once so that it can normalise and cap; NaN: no opinion. */
    void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores);
}
