package org.usedecentral.gateway;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Counts the jobs that each key runs, up to a limit. It holds running keys only. Thread-safe. */
final class RunningJobs {
    private final int limit;
    private final ConcurrentHashMap<String, Integer> running = new ConcurrentHashMap<>();

    RunningJobs(int limit) {
        this.limit = limit;
    }

    /** A place among the running jobs, given back once by {@link #close}. Any thread. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a place.
     *
     * @throws DecentralException {@code RATE_LIMITED} if the key has none left
     */
    Place enter(ApiKey key) {
        running.compute(key.id(), (id, count) -> {
            int before = count == null ? 0 : count;
            if (before >= limit) {
                throw new DecentralException(
                        ErrorCode.RATE_LIMITED,
                        "this key runs " + limit + " jobs already: wait until one of them ends");
            }
            return before + 1;
        });
        AtomicBoolean taken = new AtomicBoolean(true);
        return () -> {
            if (taken.compareAndSet(true, false)) {
                running.computeIfPresent(key.id(), (id, count) -> count == 1 ? null : count - 1);
            }
        };
    }
}
