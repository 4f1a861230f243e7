package org.usedecentral.launcher;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The wish that the process ends, by Ctrl-C or SIGTERM. The command's own thread closes what it opened: the hook interrupts that thread, once,
 * and keeps the process alive until it is done. Thread-safe.
 */
final class Shutdown {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Thread command;
    private final CountDownLatch requests = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean engaged;
    private volatile boolean requested;

    private Shutdown(Thread command) {
        this.command = command;
    }

    /** For a command on the calling thread; there is one in a process. */
    static Shutdown install() {
        Shutdown shutdown = new Shutdown(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(new Thread(shutdown::onSignal, "decentral-stop"));
        return shutdown;
    }

    /** For a command that nobody stops. */
    static Shutdown never() {
        return new Shutdown(Thread.currentThread());
    }

    private void onSignal() {
        requested = true;
        if (!engaged) {
            return;
        }
        command.interrupt();
        requests.countDown();
        try {
            if (!finished.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("decentral: did not stop within " + LIMIT.toSeconds() + " s, and is ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on the process waits for the command's closing. Without it Ctrl-C ends the process at once. */
    void engage() {
        engaged = true;
    }

    /** Whether the process is to end. */
    boolean requested() {
        return requested;
    }

    /** Throws {@code CANCELLED} if the process is to end; what waits in between may have taken the interrupt for its own. */
    void check() {
        if (requested) {
            throw new DecentralException(ErrorCode.CANCELLED, "stopped");
        }
    }

    /** Waits until the process is to end. */
    void await() {
        try {
            requests.await();
        } catch (InterruptedException e) {
            // The request itself; what follows is closing, which must not be interrupted.
            requested = true;
        }
    }

    /** Waits so long at most; true if the process is to end. */
    boolean await(Duration limit) {
        try {
            return requests.await(limit.toNanos(), TimeUnit.NANOSECONDS) || requested;
        } catch (InterruptedException e) {
            requested = true;
            return true;
        }
    }

    /** The command has closed everything. */
    void finished() {
        engaged = false;
        finished.countDown();
    }
}
