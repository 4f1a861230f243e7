package org.usedecentral.backend.llamacpp;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;

/**
 * The bounded queue between the loop, which puts, and one reader, which pulls. A full queue pauses its sequence and no
 * other: {@link #hasRoom} tells the loop, and the reader wakes it when there is room again.
 */
final class LlamaStream implements TokenStream {
    /** Events that wait for the reader before its sequences pause; the step then running and the end always fit. */
    static final int CAPACITY = 32;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<GenerationEvent> events = new ArrayDeque<>(CAPACITY);
    private final int inputTokens;
    private final Runnable onCancel;
    private final Runnable onRoom;
    private @Nullable DecentralException failure;
    private boolean paused;
    private boolean ended;
    private boolean closed;

    /**
     * A stream whose {@code onCancel} runs once, if it is closed before its end, and whose {@code onRoom} runs when a
     * full queue has room again; both on the reader's or closer's thread.
     */
    LlamaStream(int inputTokens, Runnable onCancel, Runnable onRoom) {
        this.inputTokens = inputTokens;
        this.onCancel = onCancel;
        this.onRoom = onRoom;
    }

    // The loop's side.

    /** False if the reader is behind; then {@code onRoom} will run. */
    boolean hasRoom() {
        lock.lock();
        try {
            paused = events.size() >= CAPACITY;
            return !paused;
        } finally {
            lock.unlock();
        }
    }

    /** Adds an event; ignored after {@link #close}. */
    void put(GenerationEvent event) {
        lock.lock();
        try {
            if (closed || failure != null) {
                return;
            }
            events.add(event);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream with an error, after the events that are there. */
    void fail(DecentralException reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    // The reader's side.

    @Override
    public GenerationEvent next() throws InterruptedException {
        GenerationEvent event;
        boolean resumes;
        lock.lockInterruptibly();
        try {
            event = take();
            while (event == null) {
                changed.await();
                event = take();
            }
            resumes = unpause();
        } finally {
            lock.unlock();
        }
        if (resumes) {
            onRoom.run();
        }
        return event;
    }

    @Override
    public @Nullable GenerationEvent poll() {
        GenerationEvent event;
        boolean resumes;
        lock.lock();
        try {
            event = take();
            resumes = event != null && unpause();
        } finally {
            lock.unlock();
        }
        if (resumes) {
            onRoom.run();
        }
        return event;
    }

    private @Nullable GenerationEvent take() {
        if (ended) {
            throw new IllegalStateException("the stream has ended");
        }
        if (closed) {
            throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
        }
        GenerationEvent event = events.poll();
        if (event == null && failure != null) {
            throw failure;
        }
        ended = event instanceof GenerationEvent.Finished;
        return event;
    }

    private boolean unpause() {
        boolean was = paused;
        paused = false;
        return was;
    }

    @Override
    public int inputTokens() {
        return inputTokens;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            events.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        onCancel.run();
    }
}
