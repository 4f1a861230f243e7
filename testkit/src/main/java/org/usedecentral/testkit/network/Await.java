package org.usedecentral.testkit.network;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do: in real time, bounded, and only for what does not depend on time. */
public final class Await {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

    private Await() {}

    /**
     * Returns once {@code condition} holds.
     *
     * @param what finishes the sentence "within 20 s"
     * @throws AssertionError if it does not within 20 s
     */
    public static void until(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within 20 s: " + what);
            }
            LockSupport.parkNanos(PAUSE);
        }
    }
}
