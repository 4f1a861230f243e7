package org.usedecentral.testkit.inference;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits, within a limit, for what an engine's own threads do: there is nothing of theirs to be woken by. */
final class Waiting {
    private static final long LOOK_AGAIN_MILLIS = 5;

    private Waiting() {}

    static void until(String what, Duration limit, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            boolean _ = never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
