package org.usedecentral.engine;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;

/**
 * A generation in an engine host, the worker's end. The session's reader delivers and never waits: the host may send no more bytes than this end has granted,
 * so what a slow reader leaves here is bounded.
 */
final class HostedStream implements TokenStream {
    /** What the host may send ahead of the reader, bytes; it goes over by one frame at most. */
    static final int WINDOW = 64 << 10;

    /** More than a window with the fullest last frame, logprobs included, is a host that does not keep to it. */
    private static final int MOST_BUFFERED = 8 << 20;

    private final EngineSession session;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Batch> batches = new ArrayDeque<>();
    private int buffered;
    private int consumed;
    private boolean admitted;
    private boolean over;
    private boolean finished;
    private boolean closed;
    private @Nullable DecentralException error;
    private volatile int inputTokens;

    /** The events of one frame. */
    private record Batch(Deque<GenerationEvent> events, int bytes) {}

    HostedStream(EngineSession session, int id) {
        this.session = session;
        this.id = id;
    }

    int id() {
        return id;
    }

    /** Returns when the engine runs the request; throws why it does not. */
    void awaitAdmission() {
        lock.lock();
        try {
            while (!admitted && error == null) {
                changed.await();
            }
            if (error != null && batches.isEmpty() && !admitted) {
                throw error;
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted before the engine took the request", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        GenerationEvent event;
        int granted;
        lock.lockInterruptibly();
        try {
            event = take();
            while (event == null) {
                changed.await();
                event = take();
            }
            granted = granted();
        } finally {
            lock.unlock();
        }
        grant(granted);
        return event;
    }

    @Override
    public @Nullable GenerationEvent poll() {
        GenerationEvent event;
        int granted;
        lock.lock();
        try {
            event = take();
            granted = granted();
        } finally {
            lock.unlock();
        }
        grant(granted);
        return event;
    }

    private @Nullable GenerationEvent take() {
        if (closed) {
            throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
        }
        if (finished) {
            throw new IllegalStateException("the generation has ended: there is no event after Finished");
        }
        Batch batch = batches.peek();
        if (batch == null) {
            if (error != null) {
                throw error;
            }
            return null;
        }
        GenerationEvent event = batch.events().remove();
        if (batch.events().isEmpty()) {
            batches.remove();
            buffered -= batch.bytes();
            consumed += batch.bytes();
        }
        finished = event instanceof GenerationEvent.Finished;
        return event;
    }

    /** What is worth a frame of its own. */
    private int granted() {
        if (over || consumed < WINDOW / 2) {
            return 0;
        }
        int bytes = consumed;
        consumed = 0;
        return bytes;
    }

    private void grant(int bytes) {
        if (bytes > 0) {
            session.grant(id, bytes);
        }
    }

    @Override
    public int inputTokens() {
        return inputTokens;
    }

    @Override
    public void close() {
        boolean cancel;
        lock.lock();
        try {
            cancel = !over && !closed;
            if (!finished) {
                closed = true;
            }
            batches.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (cancel) {
            session.cancel(id);
        }
    }

    // What the session's reader says

    void admit() {
        lock.lock();
        try {
            admitted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a frame of events; true when the last one was among them. */
    boolean deliver(FrameIn frame) throws IOException {
        int bytes = frame.left();
        inputTokens = frame.getNumber();
        Deque<GenerationEvent> events = new ArrayDeque<>();
        boolean last = false;
        while (frame.left() > 0) {
            GenerationEvent event = EventCodec.read(frame);
            last = event instanceof GenerationEvent.Finished;
            events.add(event);
        }
        lock.lock();
        try {
            over |= last;
            if (closed || events.isEmpty()) {
                return last;
            }
            buffered += bytes + FrameOut.HEAD;
            if (buffered > MOST_BUFFERED) {
                throw new IOException("it sends more than it may");
            }
            batches.add(new Batch(events, bytes + FrameOut.HEAD));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return last;
    }

    /** Ends it; what came before can still be read. */
    void fail(DecentralException why) {
        lock.lock();
        try {
            if (!over) {
                over = true;
                error = why;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
