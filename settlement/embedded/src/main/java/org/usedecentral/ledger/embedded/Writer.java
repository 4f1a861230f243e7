package org.usedecentral.ledger.embedded;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;

/**
 * The one thread that writes. Callers queue their operations and wait; all that wait go into one commit, whose cost (a disk's sync and a
 * signature) they share. {@link #write} may be called by any thread.
 */
final class Writer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Writer.class.getName());

    /** Seconds between heartbeats. */
    static final long BEAT = 5;

    /** How long the idle thread waits before it looks at the ledger's clock, which may be another than the machine's. */
    private static final long PAUSE_MILLIS = 500;

    /** How long a caller waits for its commit. */
    private static final long PATIENCE_SECONDS = 30;

    private static final long CLOSING_SECONDS = 30;

    private static final int NONE = -1;

    /**
     * Limits.
     *
     * @param queue operations that may wait
     * @param batch operations in one commit, at most
     */
    record Limits(int queue, int batch) {}

    /** Opens the ledger's file again, after a commit whose fate is unknown. */
    interface Opener {
        Bookkeeper open() throws SQLException;
    }

    /** What stands in the queue: an operation, or a reason to look up. */
    private sealed interface Item {}

    private record Pending(Verified write, CompletableFuture<Committed> outcome) implements Item {}

    private record Wake() implements Item {}

    /** An operation's answer, given when its commit is done. */
    private record Answer(
            Pending pending,
            @Nullable Committed committed,
            @Nullable DecentralException refusal) {}

    private final ArrayBlockingQueue<Item> queue;
    private final int batchLimit;
    private final Opener opener;
    private final Signer signer;
    private final LedgerTime time;
    private final LongConsumer committed;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile boolean ended;

    /** The writer thread's own. Null while the file could not be opened again. */
    private @Nullable Bookkeeper keeper;

    /**
     * Begins to write.
     *
     * @param committed told the last position after each commit, on the writer's thread
     */
    Writer(Bookkeeper keeper, Opener opener, Node node, Limits limits, LongConsumer committed) {
        this.keeper = keeper;
        this.opener = opener;
        this.signer = node.signer();
        this.time = node.time();
        this.queue = new ArrayBlockingQueue<>(limits.queue());
        this.batchLimit = limits.batch();
        this.committed = committed;
        this.thread = Thread.ofPlatform().daemon().name("ledger-writer").unstarted(this::run);
    }

    /** What the writer needs of the node. */
    record Node(Signer signer, LedgerTime time) {}

    void start() {
        thread.start();
    }

    /**
     * Writes an operation and waits until it is on disk.
     *
     * @throws DecentralException as the rules refuse it; {@code OVERLOADED} if the queue is full, {@code UNAVAILABLE} if it was
     *     certainly not written, {@code OUTCOME_UNKNOWN} if that is not known
     */
    Committed write(Verified write) {
        Pending pending = new Pending(write, new CompletableFuture<>());
        if (stopping) {
            throw closed();
        }
        if (!queue.offer(pending)) {
            throw new DecentralException(
                    ErrorCode.OVERLOADED,
                    "the ledger has " + queue.size() + " writes waiting and takes no more: try again in a second");
        }
        if (ended && queue.remove(pending)) {
            throw closed();
        }
        try {
            return pending.outcome().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DecentralException refusal) {
                throw refusal;
            }
            throw new DecentralException(ErrorCode.INTERNAL, "the ledger's writer failed", e);
        } catch (TimeoutException e) {
            throw givenUp(pending, "no commit within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw givenUp(pending, "interrupted while waiting for the commit", e);
        }
    }

    /** How many operations wait. */
    int waiting() {
        return queue.size();
    }

    private DecentralException givenUp(Pending pending, String why, Exception cause) {
        if (queue.remove(pending)) {
            return new DecentralException(ErrorCode.UNAVAILABLE, why + ": it was not written", cause);
        }
        return new DecentralException(
                ErrorCode.OUTCOME_UNKNOWN,
                why + ": repeat the write with the same id to learn what became of it",
                cause);
    }

    private static DecentralException closed() {
        return new DecentralException(ErrorCode.UNAVAILABLE, "the ledger is closed: it was not written");
    }

    // The writer's thread.

    private void run() {
        List<Item> items = new ArrayList<>(batchLimit);
        try {
            while (true) {
                Item first = queue.poll(stopping ? 0 : PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                if (first == null) {
                    if (stopping) {
                        break;
                    }
                    beat(BEAT);
                    continue;
                }
                items.clear();
                items.add(first);
                queue.drainTo(items, batchLimit - 1);
                process(items.stream()
                        .filter(Pending.class::isInstance)
                        .map(Pending.class::cast)
                        .toList());
            }
            beat(0);
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the ledger's writer was interrupted and ends", e);
        } finally {
            end();
        }
    }

    private void end() {
        stopping = true;
        ended = true;
        for (Item left = queue.poll(); left != null; left = queue.poll()) {
            if (left instanceof Pending pending) {
                pending.outcome().completeExceptionally(closed());
            }
        }
        discard();
    }

    /** Writes a heartbeat if the last one is that many seconds old. */
    private void beat(long age) {
        try {
            Bookkeeper current = current();
            long now = time.now();
            if (now - current.heartbeat() >= Math.max(age, 1)) {
                current.beat(now);
                current.prepare(null);
                current.commit();
            }
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the ledger cannot write its heartbeat", e);
            discard();
        }
    }

    private void process(List<Pending> batch) {
        List<Pending> rest = batch;
        while (!rest.isEmpty()) {
            List<Answer> answers = new ArrayList<>(rest.size());
            int culprit = apply(rest, answers);
            if (culprit < 0) {
                return;
            }
            rest = new ArrayList<>(rest);
            Pending ignored = rest.remove(culprit);
        }
    }

    /** Writes a batch; or returns the place of an operation that has its answer and must be left out, and nothing was written. */
    private int apply(List<Pending> batch, List<Answer> answers) {
        Bookkeeper current;
        try {
            current = current();
            for (Pending pending : batch) {
                try {
                    answers.add(new Answer(pending, current.apply(pending.write(), time.now()), null));
                } catch (DecentralException refusal) {
                    answers.add(new Answer(pending, null, refusal));
                } catch (RuntimeException bug) {
                    LOGGER.log(System.Logger.Level.ERROR, "a ledger operation failed and was left out", bug);
                    undo();
                    pending.outcome()
                            .completeExceptionally(new DecentralException(
                                    ErrorCode.INTERNAL,
                                    "the ledger failed on this operation; it was not written",
                                    bug));
                    return answers.size();
                }
            }
            current.prepare(signer);
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "the ledger cannot write", e);
            undo();
            batch.forEach(pending -> pending.outcome().completeExceptionally(notWritten(e)));
            return NONE;
        }
        commit(current, answers);
        return NONE;
    }

    private void commit(Bookkeeper current, List<Answer> answers) {
        try {
            current.commit();
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a ledger commit failed", e);
            discard();
            for (Answer answer : answers) {
                answer.pending()
                        .outcome()
                        .completeExceptionally(
                                answer.refusal() != null
                                        ? notWritten(e)
                                        : new DecentralException(
                                                ErrorCode.OUTCOME_UNKNOWN,
                                                "the commit failed (" + e.getMessage()
                                                        + "): repeat the write with the same id",
                                                e));
            }
            return;
        }
        committed.accept(current.committed().index());
        for (Answer answer : answers) {
            DecentralException refusal = answer.refusal();
            if (refusal != null) {
                answer.pending().outcome().completeExceptionally(refusal);
            } else {
                answer.pending().outcome().complete(answer.committed());
            }
        }
    }

    private static DecentralException notWritten(Exception cause) {
        return new DecentralException(
                ErrorCode.UNAVAILABLE,
                "the ledger cannot write now (" + cause.getMessage() + "): nothing was written, try again",
                cause);
    }

    private Bookkeeper current() throws SQLException {
        Bookkeeper current = keeper;
        if (current == null) {
            current = opener.open();
            keeper = current;
        }
        return current;
    }

    /** Takes back what is not committed. */
    private void undo() {
        Bookkeeper current = keeper;
        if (current != null) {
            try {
                current.rollback();
            } catch (SQLException | RuntimeException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the ledger is opened again after a failed rollback", e);
                discard();
            }
        }
    }

    /** Closes the file; the next write opens it again and sees what was committed. */
    private void discard() {
        Bookkeeper current = keeper;
        keeper = null;
        if (current != null) {
            try {
                current.close();
            } catch (SQLException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the ledger's file did not close", e);
            }
        }
    }

    /** Writes what waits, then a last heartbeat, and ends. Any thread; may be called again. */
    @Override
    public void close() {
        stopping = true;
        if (!thread.isAlive()) {
            return;
        }
        // If it does not fit, the thread is busy and looks up anyway.
        boolean ignored = queue.offer(new Wake());
        try {
            thread.join(Duration.ofSeconds(CLOSING_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
