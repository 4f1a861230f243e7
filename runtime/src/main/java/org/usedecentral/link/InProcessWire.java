package org.usedecentral.link;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Both ends of a link in one process: a bounded queue and a virtual thread each way, frames encoded as on any wire. */
public final class InProcessWire implements Wire {
    private static final Logger LOG = System.getLogger(InProcessWire.class.getName());
    private static final int CAPACITY = 256;
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicBoolean closed;

    private InProcessWire(AtomicBoolean closed) {
        this.closed = closed;
    }

    /**
     * Connects two ends; each is given the wire it sends on and answers with its listener. The first must not need the second's answer to return.
     */
    public static void connect(Function<Wire, Listener> worker, Function<Wire, Listener> orchestrator) {
        AtomicBoolean closed = new AtomicBoolean();
        InProcessWire toOrchestrator = new InProcessWire(closed);
        InProcessWire toWorker = new InProcessWire(closed);
        Listener workerEnd = worker.apply(toOrchestrator.pairedWith(toWorker));
        Listener orchestratorEnd = orchestrator.apply(toWorker.pairedWith(toOrchestrator));
        toOrchestrator.deliverTo(orchestratorEnd, toWorker);
        toWorker.deliverTo(workerEnd, toOrchestrator);
    }

    private Wire pairedWith(InProcessWire back) {
        return new Wire() {
            @Override
            public void send(byte[] frame) {
                InProcessWire.this.send(frame);
            }

            @Override
            public void close(String reason) {
                if (closed.compareAndSet(false, true)) {
                    InProcessWire.this.wake();
                    back.wake();
                }
            }
        };
    }

    private void deliverTo(Listener listener, InProcessWire back) {
        Thread.ofVirtual().name("decentral-wire").start(() -> {
            try {
                while (!closed.get()) {
                    byte[] frame = queue.take();
                    if (frame.length > 0 && !closed.get()) {
                        listener.onFrame(frame, 0, frame.length);
                    }
                }
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "a wire's reader was interrupted");
            } finally {
                // Also when a listener throws: an end that is no longer read must not look open to the other.
                closed.set(true);
                back.wake();
                listener.onClosed("closed");
            }
        });
    }

    @Override
    public void send(byte[] frame) {
        if (closed.get()) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the link is closed");
        }
        try {
            queue.put(frame);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.UNAVAILABLE, "interrupted while sending", e);
        }
    }

    @Override
    public void close(String reason) {
        if (closed.compareAndSet(false, true)) {
            wake();
        }
    }

    /** Lets the reader see the end; a sender that waits for room finds some, since the reader no longer hands frames on. */
    private void wake() {
        queue.clear();
        var _ = queue.offer(END);
    }
}
