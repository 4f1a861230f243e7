package org.usedecentral.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other processes do: asks again and again, for a limited time. */
final class Within {
    private static final long PAUSE = Duration.ofMillis(50).toNanos();

    private final Duration limit;

    private Within(Duration limit) {
        this.limit = limit;
    }

    static Within seconds(int limit) {
        return new Within(Duration.ofSeconds(limit));
    }

    /**
     * Returns once {@code condition} holds.
     *
     * @param what finishes the sentence "not within … s:"
     */
    void until(Callable<Boolean> condition, String what) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new AssertionError("not within " + limit.toSeconds() + " s: " + what);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException(what);
            }
            LockSupport.parkNanos(PAUSE);
        }
    }
}
