package org.usedecentral.orchestrator;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.usedecentral.spi.Account;

/**
 * Workers that this orchestrator leaves out for a growing while since they failed. Outlives their links: a worker that breaks its link in the middle of a
 * job is back within a second. Thread-safe.
 */
final class Suspensions {
    /** Beyond so many workers the one that failed first is forgiven. */
    static final int MAX_WORKERS = 10_000;

    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final LinkedHashMap<Account, Suspension> byWorker = new LinkedHashMap<>();

    private record Suspension(Duration length, Instant until) {}

    /** Leaves the worker out, twice as long each time it fails again; returns how long. */
    synchronized Duration add(Account worker, Instant now) {
        Suspension last = byWorker.remove(worker);
        Duration length = last == null ? FIRST : doubled(last.length());
        byWorker.put(worker, new Suspension(length, now.plus(length)));
        if (byWorker.size() > MAX_WORKERS) {
            byWorker.pollFirstEntry();
        }
        return length;
    }

    private static Duration doubled(Duration length) {
        Duration twice = length.multipliedBy(2);
        return twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
    }

    /** Whether the worker is left out now. */
    synchronized boolean contain(Account worker, Instant now) {
        Suspension suspension = byWorker.get(worker);
        return suspension != null && now.isBefore(suspension.until());
    }

    /** The worker did well: it is trusted again. */
    synchronized void end(Account worker) {
        byWorker.remove(worker);
    }
}
