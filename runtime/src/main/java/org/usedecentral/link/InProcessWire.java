package org.usedecentral.link;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * Two ends of a link in one process, encoded as on any wire: a bounded queue each way, and a virtual thread that hands its frames on. Either end closes
 * both ways, with one reason.
 */
public final class InProcessWire {
    private static final int CAPACITY = 256;
    private static final byte[] WAKE = new byte[0];

    private final AtomicReference<@Nullable String> closed = new AtomicReference<>();
    private final BlockingQueue<byte[]> toWorker = new ArrayBlockingQueue<>(CAPACITY);
    private final BlockingQueue<byte[]> toOrchestrator = new ArrayBlockingQueue<>(CAPACITY);

    private InProcessWire() {}

    /** Connects two ends: each is given the wire it sends on and returns its listener. The worker's is made first. */
    public static void connect(Function<Wire, Wire.Listener> worker, Function<Wire, Wire.Listener> orchestrator) {
        InProcessWire wire = new InProcessWire();
        Wire.Listener workerEnd = worker.apply(wire.new Direction(wire.toOrchestrator));
        Wire.Listener orchestratorEnd = orchestrator.apply(wire.new Direction(wire.toWorker));
        wire.deliver(wire.toOrchestrator, orchestratorEnd);
        wire.deliver(wire.toWorker, workerEnd);
    }

    private void deliver(BlockingQueue<byte[]> queue, Wire.Listener listener) {
        Thread.ofVirtual().name("decentral-wire").start(() -> {
            try {
                while (closed.get() == null) {
                    byte[] frame = queue.take();
                    if (frame.length > 0) {
                        listener.onFrame(frame, 0, frame.length);
                    }
                }
            } catch (InterruptedException e) {
                end("interrupted");
            } finally {
                // Also when a listener throws: an end that is no longer read must not look open to the other.
                end("the reader failed");
                listener.onClosed(String.valueOf(closed.get()));
            }
        });
    }

    /** The first reason stays. A sender that waits for room finds some, and readers see the end. */
    private void end(String reason) {
        if (closed.compareAndSet(null, reason)) {
            for (BlockingQueue<byte[]> queue : List.of(toWorker, toOrchestrator)) {
                queue.clear();
                var _ = queue.offer(WAKE);
            }
        }
    }

    private final class Direction implements Wire {
        private final BlockingQueue<byte[]> queue;

        Direction(BlockingQueue<byte[]> queue) {
            this.queue = queue;
        }

        @Override
        public void send(byte[] frame) {
            String reason = closed.get();
            if (reason != null) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "the link is closed: " + reason);
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
            end(reason);
        }
    }
}
