package org.usedecentral.testkit.inference;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A place in a {@link Script} where generation waits until the test opens it. Thread-safe; once open, open for good. */
public final class Gate {
    private final CompletableFuture<Void> reached = new CompletableFuture<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();

    /** Lets generation go on, now or when it comes by. */
    public void open() {
        opened.complete(null);
    }

    /**
     * Waits until a generation stands before this gate or has passed it.
     *
     * @throws AssertionError if none came within {@code limit}
     */
    public void awaitReached(Duration limit) throws InterruptedException {
        try {
            reached.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no generation reached the gate within " + limit, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a gate does not fail", e);
        }
    }

    boolean isOpen() {
        return opened.isDone();
    }

    /** Notes that a generation came by; {@code wake} runs when the gate opens. */
    void reach(Runnable wake) {
        reached.complete(null);
        var _ = opened.thenRun(wake);
    }
}
