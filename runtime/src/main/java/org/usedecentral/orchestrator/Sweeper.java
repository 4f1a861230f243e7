package org.usedecentral.orchestrator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.time.Timers;

/** Refunds and closes whatever is due, anybody's: "automatic" means that every node does it. One sweep at a time. */
final class Sweeper {
    private static final Logger LOG = System.getLogger(Sweeper.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int PAGE = 1000;

    private final Parts parts;
    private volatile boolean closed;
    private volatile Timers.@Nullable Alarm alarm;

    Sweeper(Parts parts) {
        this.parts = parts;
    }

    void start() {
        if (!closed) {
            alarm = parts.timers().startAfter(INTERVAL, "decentral-sweep", this::run);
            if (closed) {
                cancel();
            }
        }
    }

    void close() {
        closed = true;
        cancel();
    }

    private void cancel() {
        Timers.Alarm last = alarm;
        if (last != null) {
            last.cancel();
        }
    }

    private void run() {
        try {
            sweep();
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "the sweep is tried again: {0}", e.message());
        } finally {
            start();
        }
    }

    /** Goes through every open job once. */
    void sweep() {
        Escrows escrows = parts.ledger().escrows();
        JobId after = null;
        List<EscrowedJob> page = escrows.open(Account.NONE, after, PAGE);
        while (!page.isEmpty() && !closed) {
            Instant now = parts.ledger().time();
            for (EscrowedJob job : page) {
                sweep(escrows, job, now);
            }
            after = page.getLast().terms().jobId();
            page = escrows.open(Account.NONE, after, PAGE);
        }
    }

    private void sweep(Escrows escrows, EscrowedJob job, Instant now) {
        Instant refundAfter = job.status().refundAfter();
        if (!now.isAfter(refundAfter)) {
            return;
        }
        JobId id = job.terms().jobId();
        boolean closable = now.isAfter(job.terms().validUntil())
                && job.status().disputeUntil().map(now::isAfter).orElse(true)
                && job.status().state() != EscrowedJob.State.DISPUTED;
        try {
            if (closable) {
                escrows.close(WriteId.derived("close", id.value()), id, parts.signer());
            } else if (job.funds().remaining() > 0) {
                escrows.refund(WriteId.derived("refund", id.value()), id, parts.signer());
            }
        } catch (DecentralException e) {
            LOG.log(Level.DEBUG, "job {0}: somebody else was first, or it is not due: {1}", id, e.message());
        }
    }
}
