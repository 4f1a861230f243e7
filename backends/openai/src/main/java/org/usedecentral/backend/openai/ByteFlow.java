package org.usedecentral.backend.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The body of an answer, pulled by one reader. The next piece is asked of the network when the last one is taken, so that a slow reader slows
 * the server down, and at most one piece (16 KiB of the HTTP client's) waits. {@link #close} may come from any thread; it drops the connection.
 */
final class ByteFlow implements HttpResponse.BodySubscriber<ByteFlow>, AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
    private Flow.@Nullable Subscription subscription;
    private @Nullable Throwable failure;
    private boolean complete;
    private boolean closed;

    @Override
    public CompletionStage<ByteFlow> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        boolean late;
        lock.lock();
        try {
            late = closed || subscription != null;
            if (!late) {
                subscription = given;
            }
        } finally {
            lock.unlock();
        }
        if (late) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        locked(() -> {
            if (!closed) {
                pieces.addAll(item);
            }
        });
    }

    @Override
    public void onError(Throwable cause) {
        locked(() -> failure = cause);
    }

    @Override
    public void onComplete() {
        locked(() -> complete = true);
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next piece; null at the end.
     *
     * @throws DecentralException {@code UNAVAILABLE} if nothing comes within {@code limit} or the connection breaks, {@code CANCELLED} after close
     */
    @Nullable ByteBuffer take(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (pieces.isEmpty() && !complete && failure == null && !closed) {
                if (left <= 0) {
                    throw stalled();
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        return poll();
    }

    static DecentralException stalled() {
        return new DecentralException(
                ErrorCode.UNAVAILABLE, "the upstream server says nothing more; if it is only slow, raise read-timeout");
    }

    /** The next piece if it is there; null if not, or at the end. */
    @Nullable ByteBuffer poll() {
        Flow.Subscription more = null;
        ByteBuffer piece;
        lock.lock();
        try {
            if (closed) {
                throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
            }
            piece = pieces.poll();
            if (piece == null && failure != null) {
                throw new DecentralException(
                        ErrorCode.UNAVAILABLE, "the connection to the upstream server broke", brief(failure));
            }
            if (piece != null && pieces.isEmpty()) {
                more = subscription;
            }
        } finally {
            lock.unlock();
        }
        if (more != null) {
            more.request(1);
        }
        return piece;
    }

    private static Throwable brief(Throwable cause) {
        return cause instanceof IOException ? cause : new IOException(cause);
    }

    /** True when nothing more will come. */
    boolean isEnded() {
        lock.lock();
        try {
            return complete && pieces.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The whole of a body of at most {@code limit} bytes, which must be there within {@code patience}.
     *
     * @throws DecentralException as {@link #take}
     */
    byte[] readAll(int limit, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = take(patience);
        while (piece != null) {
            if (all.size() + piece.remaining() > limit) {
                throw new DecentralException(
                        ErrorCode.UNAVAILABLE, "the upstream server's answer is longer than " + limit + " bytes");
            }
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            all.writeBytes(bytes);
            piece = take(Duration.ofNanos(deadline - System.nanoTime()));
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        Flow.Subscription cancelled;
        lock.lock();
        try {
            closed = true;
            pieces.clear();
            cancelled = subscription;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (cancelled != null) {
            cancelled.cancel();
        }
    }
}
