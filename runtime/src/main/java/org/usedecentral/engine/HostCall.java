package org.usedecentral.engine;

import org.jspecify.annotations.Nullable;

/** A call that runs in the engine host and can be interrupted, but not any more once it answers: that would close the channel. Thread-safe. */
final class HostCall {
    private @Nullable Thread thread;
    private boolean cancelled;

    synchronized void begin(Thread running) {
        thread = running;
        if (cancelled) {
            running.interrupt();
        }
    }

    /** By the thread that runs it. */
    synchronized void end() {
        thread = null;
        boolean _ = Thread.interrupted();
    }

    synchronized void cancel() {
        cancelled = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
