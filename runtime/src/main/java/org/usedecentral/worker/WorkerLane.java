package org.usedecentral.worker;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.AttemptPrice;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Voucher;

/**
 * One attempt on a link, the worker's end: how much may be sent, what was acknowledged, and why it has to stop. The link's reader grants and stops; the
 * execution's thread waits.
 */
final class WorkerLane {
    private static final int UNACKNOWLEDGED_INTERVALS = 2;

    private final LinkLimits limits;
    private final Account orchestrator;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private SignedVoucher newest;
    private int window;
    private int inputTokens;
    private @Nullable AttemptPrice price;
    private @Nullable TokenStream stream;
    private Stop stop = Stop.NONE;

    /** Why an execution has to end early. */
    enum Stop {
        NONE,
        /** The orchestrator wants no more. */
        CANCELLED,
        /** The deadline is near: the answer is cut off and says so. */
        DEADLINE,
        /** The link broke, or the escrow went away: nothing more is paid. */
        LOST
    }

    WorkerLane(SignedVoucher assignment, LinkLimits limits, Account orchestrator) {
        this.newest = assignment;
        this.limits = limits;
        this.orchestrator = orchestrator;
        this.window = limits.windowBytes();
    }

    /** What is closed when the execution has to stop. */
    void attach(TokenStream running) {
        boolean stopped;
        lock.lock();
        try {
            stream = running;
            stopped = stop != Stop.NONE;
        } finally {
            lock.unlock();
        }
        if (stopped) {
            running.close();
        }
    }

    /** What output costs from now on; no voucher for any is good before. */
    void accepted(AttemptPrice agreed, int tokens) {
        lock.lock();
        try {
            price = agreed;
            inputTokens = tokens;
        } finally {
            lock.unlock();
        }
    }

    /**
     * More may be sent; true if the voucher that came along is a newer one.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the window would not fit 31 bits
     */
    boolean grant(int bytes, @Nullable SignedVoucher voucher) {
        boolean newer = voucher != null && isNewer(voucher);
        lock.lock();
        try {
            if ((long) window + bytes > Integer.MAX_VALUE) {
                throw DecentralException.invalid("bytes", "a lane's window does not fit 31 bits");
            }
            window += bytes;
            if (newer && voucher != null) {
                newest = voucher;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return newer;
    }

    /** For more tokens than the one held, at the price agreed on: one that acknowledges without paying is none. */
    private boolean isNewer(SignedVoucher voucher) {
        Voucher next = voucher.voucher();
        Voucher held = newest().voucher();
        return next.job().equals(held.job())
                && next.worker().equals(held.worker())
                && next.attempt() == held.attempt()
                && next.outputTokens() > held.outputTokens()
                && next.price() >= due(next.outputTokens())
                && Ed25519.verify(orchestrator, next.encoded(), voucher.signature());
    }

    private long due(int outputTokens) {
        lock.lock();
        try {
            return price == null ? Long.MAX_VALUE : price.of(inputTokens, outputTokens);
        } finally {
            lock.unlock();
        }
    }

    /** The first reason stays. */
    void stop(Stop reason) {
        TokenStream running;
        lock.lock();
        try {
            if (stop == Stop.NONE) {
                stop = reason;
            }
            running = stream;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.close();
        }
    }

    Stop stopped() {
        lock.lock();
        try {
            return stop;
        } finally {
            lock.unlock();
        }
    }

    SignedVoucher newest() {
        lock.lock();
        try {
            return newest;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a frame may be sent: the window is open, and no more than two intervals of tokens are unacknowledged.
     *
     * @throws DecentralException {@code CANCELLED} when the execution has to stop instead
     */
    void awaitTurn(int sentTokens) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            int most = UNACKNOWLEDGED_INTERVALS * limits.voucherTokens();
            while (stop == Stop.NONE
                    && (window <= 0 || sentTokens - newest.voucher().outputTokens() > most)) {
                changed.await();
            }
            if (stop != Stop.NONE) {
                throw new DecentralException(ErrorCode.CANCELLED, "stopped");
            }
        } finally {
            lock.unlock();
        }
    }

    /** A frame of so many bytes was sent. */
    void sent(int bytes) {
        lock.lock();
        try {
            window -= bytes;
        } finally {
            lock.unlock();
        }
    }
}
