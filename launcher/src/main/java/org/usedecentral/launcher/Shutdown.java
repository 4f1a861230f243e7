package org.usedecentral.launcher;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The wish that the process ends, by Ctrl-C or SIGTERM. The command's own thread closes what it opened: the first signal interrupts that thread, once, and
 * lets it finish what runs; the second one ends that patience, not the closing. Thread-safe.
 */
final class Shutdown {
    private static final Duration CLOSING = Duration.ofSeconds(30);
    private static final Duration HURRIED_CLOSING = Duration.ofSeconds(5);
    private static final int SIGNALLED = 128;

    private final Thread command;
    private final Ending ending;
    private final CountDownLatch requests = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean engaged;
    private volatile boolean requested;
    private volatile boolean hurried;
    private boolean patient;
    private int signal;
    private Duration grace = Duration.ZERO;

    /** How the process is ended. */
    interface Ending {
        /** As {@link System#exit} does. */
        void exit(int code);

        /** As {@link Runtime#halt} does. */
        void halt(int code);
    }

    private static final class ProcessEnding implements Ending {
        @Override
        public void exit(int code) {
            System.exit(code);
        }

        @Override
        public void halt(int code) {
            Runtime.getRuntime().halt(code);
        }
    }

    Shutdown(Thread command, Ending ending) {
        this.command = command;
        this.ending = ending;
    }

    /** For a command on the calling thread; there is one in a process. */
    static Shutdown install() {
        Shutdown shutdown = new Shutdown(Thread.currentThread(), new ProcessEnding());
        boolean _ = Signals.listen(shutdown::onSignal);
        // For every other end, such as a terminal's that is closed.
        Runtime.getRuntime().addShutdownHook(new Thread(shutdown::onExit, "decentral-stop"));
        return shutdown;
    }

    /** For a command that nobody stops. */
    static Shutdown never() {
        return new Shutdown(Thread.currentThread(), new ProcessEnding());
    }

    /** Ctrl-C or SIGTERM, on a thread of the JVM's. */
    void onSignal(int number) {
        boolean first;
        synchronized (this) {
            first = signal == 0;
            if (first) {
                signal = number;
            } else {
                hurried = true;
                if (patient) {
                    command.interrupt();
                }
            }
        }
        if (!engaged) {
            requested = true;
            ending.exit(exitCode(0));
        } else if (first) {
            request();
            watch(grace.plus(CLOSING));
        } else {
            watch(HURRIED_CLOSING);
        }
    }

    private void request() {
        requested = true;
        command.interrupt();
        requests.countDown();
    }

    /** Ends a process that does not end itself. */
    private void watch(Duration limit) {
        Thread.ofPlatform().daemon().name("decentral-stop-limit").start(() -> {
            try {
                if (!finished.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                    System.err.println("decentral: did not stop within " + limit.toSeconds() + " s, and is ended");
                    ending.halt(exitCode(0));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void onExit() {
        if (!engaged) {
            return;
        }
        request();
        try {
            Duration limit = grace.plus(CLOSING);
            if (!finished.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                System.err.println("decentral: did not stop within " + limit.toSeconds() + " s, and is ended");
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

    /**
     * Says how long {@link #drain} may take, before the process is to end.
     *
     * @param limit of real time
     */
    synchronized void allow(Duration limit) {
        grace = limit;
    }

    /** Runs what lets jobs finish, on the command's thread. A second signal interrupts it; the interrupt is gone when this returns. */
    void drain(Runnable work) {
        synchronized (this) {
            // The first signal's own interrupt may be pending still.
            boolean _ = Thread.interrupted();
            patient = !hurried;
        }
        try {
            if (!hurried) {
                work.run();
            }
        } finally {
            synchronized (this) {
                patient = false;
                boolean _ = Thread.interrupted();
            }
        }
    }

    /** The command has closed everything. */
    void finished() {
        engaged = false;
        finished.countDown();
    }

    /** What the process ends with: the signal's number above 128, as shells and systemd expect, or the command's own code. */
    synchronized int exitCode(int code) {
        return signal == 0 ? code : SIGNALLED + signal;
    }
}
