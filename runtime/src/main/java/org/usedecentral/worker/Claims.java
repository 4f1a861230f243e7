package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
    private volatile boolean closed;

    Claims(WorkerParts parts) {
        this.parts = parts;
    }

    /** Watches a job whose attempt has ended, with the newest voucher for it. */
    void watch(SignedVoucher voucher) {
        if (voucher.voucher().price() > 0 && !closed) {
            parts.timers().startAfter(INTERVAL, "decentral-claim", () -> look(voucher));
        }
    }

    /** Claims at once: the attempt failed, and the orchestrator may not. */
    void claimNow(SignedVoucher voucher) {
        if (voucher.voucher().price() > 0) {
            Thread.ofVirtual().name("decentral-claim").start(() -> claim(voucher));
        }
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
            LOG.log(Level.INFO, "claimed {0}", voucher.voucher());
        } catch (DecentralException e) {
            if (e.code().retryable()) {
                watch(voucher);
            } else {
                LOG.log(Level.INFO, "not claimed: {0}: {1}", voucher.voucher(), e.message());
            }
        }
    }
}
