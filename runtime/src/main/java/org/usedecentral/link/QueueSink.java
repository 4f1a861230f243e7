package org.usedecentral.link;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.GenerationEvent;

/**
 * A queue of events read by one thread: for embedders, JSON answers, and clients whose channel cannot be lent. It is bounded by the windows of the
 * lanes that feed it. Any thread may put, finish or fail.
 */
public final class QueueSink implements TokenSink {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private @Nullable DecentralException failure;
    private boolean opened;
    private boolean ended;

    private record Entry(
            GenerationEvent event, int bytes, @Nullable Window window) {}

    @Override
    public void put(GenerationEvent event, int bytes, Window window) {
        add(new Entry(event, bytes, window));
    }

    /** The last event; what comes after it is dropped. */
    public void finish(GenerationEvent.Finished event) {
        lock.lock();
        try {
            add(new Entry(event, 0, null));
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends with an error, after the events that are there. */
    public void fail(DecentralException error) {
        lock.lock();
        try {
            if (!ended) {
                failure = error;
                ended = true;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets {@link #awaitOpen} return although nothing has come yet. */
    public void open() {
        lock.lock();
        try {
            opened |= !ended;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(Entry entry) {
        lock.lock();
        try {
            if (!ended) {
                entries.add(entry);
                opened = true;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an event or {@link #open}; throws a failure that came before either. */
    public void awaitOpen() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!opened && failure == null) {
                changed.await();
            }
            if (!opened && failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next event, or throws the failure behind the last. */
    public GenerationEvent take() throws InterruptedException {
        Entry entry;
        lock.lockInterruptibly();
        try {
            while (entries.isEmpty() && failure == null) {
                if (ended) {
                    throw new IllegalStateException("the stream has ended");
                }
                changed.await();
            }
            entry = entries.poll();
            if (entry == null && failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
        return consume(entry);
    }

    /** The next event if it is there, else null; throws as {@link #take} does. */
    public @Nullable GenerationEvent poll() {
        Entry entry;
        lock.lock();
        try {
            entry = entries.poll();
            if (entry == null) {
                if (failure != null) {
                    throw failure;
                }
                if (ended) {
                    throw new IllegalStateException("the stream has ended");
                }
                return null;
            }
        } finally {
            lock.unlock();
        }
        return consume(entry);
    }

    private static GenerationEvent consume(@Nullable Entry entry) {
        if (entry == null) {
            throw new IllegalStateException("no entry");
        }
        if (entry.window() != null) {
            entry.window().consumed(entry.bytes());
        }
        return entry.event();
    }
}
