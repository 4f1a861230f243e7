package org.usedecentral.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts frames on a channel. Whoever comes while another thread writes leaves its frame to that one, so frames of many streams go out with one system call.
 * Thread-safe. Writing never happens on a thread that could be interrupted, which would close the channel: either the threads are the host's own, or
 * {@code writing} starts one.
 */
final class FrameWriter {
    private static final int USUAL = 16 << 10;
    /** Beyond this, senders wait; what one frame may add is bounded by {@link FrameOut#MAX}. */
    private static final int HIGH = 4 << 20;

    private final WritableByteChannel channel;
    private final Executor writing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition drained = lock.newCondition();
    private byte[] pending = new byte[USUAL];
    private byte[] spare = new byte[USUAL];
    private int length;
    private boolean busy;
    private boolean closed;

    /**
     * Over a channel in blocking mode.
     *
     * @param writing runs what writes: {@code Runnable::run} where no sender is ever interrupted
     */
    FrameWriter(WritableByteChannel channel, Executor writing) {
        this.channel = channel;
        this.writing = writing;
    }

    /** An executor for senders that may be interrupted. */
    static Executor aside() {
        return task -> Thread.ofVirtual().name("decentral-engine-writer").start(task);
    }

    void send(FrameOut frame) {
        send(frame, writing);
    }

    /** Sends; nothing happens once the channel is closed or broken, which its reader notices. */
    void send(FrameOut frame, Executor by) {
        lock.lock();
        try {
            while (length > HIGH && !closed) {
                drained.awaitUninterruptibly();
            }
            if (closed) {
                return;
            }
            append(frame.array(), frame.length());
            if (busy) {
                return;
            }
            busy = true;
        } finally {
            lock.unlock();
        }
        by.execute(this::drain);
    }

    private void append(byte[] frame, int count) {
        if (length + count > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(length + count, pending.length * 2));
        }
        System.arraycopy(frame, 0, pending, length, count);
        length += count;
    }

    private void drain() {
        ByteBuffer batch = take();
        while (batch.hasRemaining()) {
            try {
                while (batch.hasRemaining()) {
                    channel.write(batch);
                }
            } catch (IOException e) {
                close();
                return;
            }
            batch = take();
        }
    }

    /** What is pending; empty when nothing is, and then nobody writes any more. */
    private ByteBuffer take() {
        lock.lock();
        try {
            drained.signalAll();
            if (length == 0 || closed) {
                busy = false;
                return ByteBuffer.allocate(0);
            }
            byte[] full = pending;
            int count = length;
            pending = spare.length > HIGH ? new byte[USUAL] : spare;
            spare = full;
            length = 0;
            return ByteBuffer.wrap(full, 0, count);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is sent any more, and nobody waits to send. */
    void close() {
        lock.lock();
        try {
            closed = true;
            busy = false;
            drained.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
