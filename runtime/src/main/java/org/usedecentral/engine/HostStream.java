package org.usedecentral.engine;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;

/** One generation inside the engine host: pulls events while the worker has room for them, and sends what is there in one frame. {@link #run} by a thread of its own. */
final class HostStream {
    /** A frame is sent when it is so full. */
    private static final int FRAME = 16 << 10;

    private final HostedBackend host;
    private final FrameWriter writer;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final FrameOut out = new FrameOut();
    private int events;
    private int window;
    private boolean cancelled;
    private @Nullable TokenStream stream;

    HostStream(HostedBackend host, FrameWriter writer, int id, int window) {
        this.host = host;
        this.writer = writer;
        this.id = id;
        this.window = window;
    }

    int id() {
        return id;
    }

    void run(Bytes encoded) {
        try (TokenStream opened = host.started().generate(HostedBackend.request(encoded))) {
            attach(opened);
            // The worker's view of the load has this stream in it before the worker knows that it runs.
            host.pushState();
            writer.send(FrameOut.of(FrameType.ADMITTED, id));
            relay(opened);
        } catch (InterruptedException e) {
            writer.send(EngineHost.failed(id, EngineHost.cancelled(e)));
        } catch (RuntimeException | LinkageError e) {
            if (events > 0) {
                flush();
            }
            writer.send(EngineHost.failed(id, e));
        } finally {
            host.ended(this);
        }
        host.pushState();
    }

    private void attach(TokenStream opened) {
        boolean late;
        lock.lock();
        try {
            stream = opened;
            late = cancelled;
        } finally {
            lock.unlock();
        }
        if (late) {
            opened.close();
        }
    }

    private void relay(TokenStream opened) throws InterruptedException {
        while (true) {
            awaitWindow();
            GenerationEvent event = opened.next();
            out.begin(FrameType.EVENTS, id);
            out.putNumber(Math.max(0, opened.inputTokens()));
            while (event != null) {
                EventCodec.write(out, event);
                events++;
                if (event instanceof GenerationEvent.Finished) {
                    flush();
                    return;
                }
                event = out.length() < FRAME ? opened.poll() : null;
            }
            flush();
        }
    }

    private void flush() {
        events = 0;
        int length = out.length();
        writer.send(out);
        lock.lock();
        try {
            window -= length;
        } finally {
            lock.unlock();
        }
    }

    private void awaitWindow() throws InterruptedException {
        lock.lock();
        try {
            while (window <= 0) {
                if (cancelled) {
                    throw new DecentralException(ErrorCode.CANCELLED, "cancelled by the worker");
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The worker has consumed so many bytes. */
    void grant(int bytes) {
        lock.lock();
        try {
            window += bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void cancel() {
        TokenStream opened;
        lock.lock();
        try {
            cancelled = true;
            opened = stream;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (opened != null) {
            opened.close();
        }
        // The slot may be free before the stream's own thread has seen that it was cancelled.
        host.pushState();
    }
}
