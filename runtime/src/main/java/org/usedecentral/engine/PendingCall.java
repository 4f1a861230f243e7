package org.usedecentral.engine;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;

/** A call that waits for the engine host's answer. It is bounded by the session, which ends when the host does not answer pings. Thread-safe. */
final class PendingCall {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable FrameIn result;
    private @Nullable DecentralException error;

    FrameIn await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (result != null) {
                    return result;
                }
                if (error != null) {
                    throw error;
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The answer, with bytes of its own. */
    void answer(FrameIn frame) {
        lock.lock();
        try {
            result = frame;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void fail(DecentralException why) {
        lock.lock();
        try {
            error = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
