package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.EscrowedJob.State;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.WriteId;

/**
 * Cashes vouchers that nobody settles: looks at the job on the ledger every ten seconds and claims before the escrow ends (docs/protocol.md, section 4).
 * Thread-safe.
 */
final class Claims {
    private static final Logger LOG = System.getLogger(Claims.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration MARGIN = Duration.ofSeconds(15);

    private final WorkerParts parts;
    private final Map<WorkerJournal.Key, SignedVoucher> pending = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * Vouchers that are neither cashed nor settled otherwise.
     *
     * @param value base units, before the split
     */
    record Pending(int count, long value) {}

    Claims(WorkerParts parts) {
        this.parts = parts;
    }

    /** Watches a job whose attempt has ended, with the newest voucher for it. */
    void watch(SignedVoucher voucher) {
        if (voucher.voucher().price() > 0 && !closed) {
            pending.put(key(voucher), voucher);
            parts.timers().startAfter(INTERVAL, "decentral-claim", () -> look(voucher));
        }
    }

    /** Claims at once: the attempt failed, and the orchestrator may not. */
    void claimNow(SignedVoucher voucher) {
        if (voucher.voucher().price() > 0) {
            Thread.ofVirtual().name("decentral-claim").start(() -> claim(voucher));
        }
    }

    Pending pending() {
        int count = 0;
        long value = 0;
        for (SignedVoucher voucher : pending.values()) {
            count++;
            value += voucher.voucher().price();
        }
        return new Pending(count, value);
    }

    private static WorkerJournal.Key key(SignedVoucher voucher) {
        return new WorkerJournal.Key(voucher.voucher().job(), voucher.voucher().attempt());
    }

    void close() {
        closed = true;
    }

    private void look(SignedVoucher voucher) {
        try {
            Optional<EscrowedJob> found =
                    parts.ledger().escrows().find(voucher.voucher().job());
            if (found.isPresent() && isDue(found.get(), voucher)) {
                claim(voucher);
            } else if (found.isPresent() && isOpen(found.get())) {
                watch(voucher);
            } else {
                pending.remove(key(voucher));
            }
        } catch (DecentralException e) {
            LOG.log(
                    Level.WARNING,
                    "job {0} is looked at again: {1}",
                    voucher.voucher().job(),
                    e.message());
            watch(voucher);
        }
    }

    private boolean isOpen(EscrowedJob job) {
        return job.status().state() == State.LOCKED && job.funds().remaining() > 0;
    }

    /** Settled by another worker, brought forward, or about to end. */
    private boolean isDue(EscrowedJob job, SignedVoucher voucher) {
        if (job.status().state() == State.CLOSED || job.funds().remaining() == 0) {
            return false;
        }
        if (job.settled().isPresent()) {
            return !job.settled().get().worker().equals(voucher.voucher().worker());
        }
        Instant now = parts.ledger().time();
        return Duration.between(now, job.status().refundAfter()).compareTo(MARGIN) <= 0;
    }

    private void claim(SignedVoucher voucher) {
        WriteId write = WriteId.derived("worker-claim", voucher.voucher().encoded());
        try {
            parts.ledger().escrows().claim(write, voucher, parts.signer());
            pending.remove(key(voucher));
            LOG.log(Level.INFO, "claimed {0}", voucher.voucher());
        } catch (DecentralException e) {
            if (e.code().retryable()) {
                watch(voucher);
            } else {
                pending.remove(key(voucher));
                LOG.log(Level.INFO, "not claimed: {0}: {1}", voucher.voucher(), e.message());
            }
        }
    }
}
