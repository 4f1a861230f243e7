package org.usedecentral.orchestrator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.usedecentral.receipt.Evidence;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.receipt.Split;
import org.usedecentral.receipt.Summary;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.time.Underway;

/**
 * Brings ended jobs to the ledger: what is to be done is on disk first, is retried while the deadline allows, and is taken up again after a restart.
 * Thread-safe.
 */
final class Settler {
    private static final Logger LOG = System.getLogger(Settler.class.getName());
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);
    private static final int PAGE = 1000;

    private final Parts parts;
    private final ReceiptStore store;
    private final Underway writes = new Underway();
    private volatile boolean closed;

    Settler(Parts parts, ReceiptStore store) {
        this.parts = parts;
        this.store = store;
    }

    /** Takes over a proved job: when this returns, the settlement survives a crash. */
    void settle(SignedReceipt receipt) {
        store.begin(receipt);
        start(receipt, this::settleNow);
    }

    /** Takes over a job that ended without proof: vouchers are claimed for its workers, and the rest is brought forward for refund. */
    void release(SignedReceipt receipt) {
        store.begin(receipt);
        start(receipt, this::releaseNow);
    }

    /** Takes up what a stop or crash left: the outbox, and locked jobs of this orchestrator that nothing is known of any more. */
    void recover() {
        List<SignedReceipt> pending = store.pending();
        for (SignedReceipt receipt : pending) {
            boolean proved = receipt.receipt().settlement().state() == Settlement.State.PENDING;
            start(receipt, proved ? this::settleNow : this::releaseNow);
        }
        Account me = parts.signer().account();
        Escrows escrows = parts.ledger().escrows();
        List<EscrowedJob> page = escrows.open(me, null, PAGE);
        while (!page.isEmpty()) {
            for (EscrowedJob job : page) {
                JobId id = job.terms().jobId();
                if (job.status().state() == EscrowedJob.State.LOCKED
                        && job.funds().remaining() > 0
                        && store.find(id).isEmpty()) {
                    bringForward(id);
                }
            }
            page = escrows.open(me, page.getLast().terms().jobId(), PAGE);
        }
    }

    private void bringForward(JobId id) {
        LOG.log(Level.WARNING, "job {0} was cut off by a restart: its escrow is brought forward for refund", id);
        try {
            tryExpire(id);
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "job {0} is refunded at its deadline: {1}", id, e.message());
        }
    }

    /** Waits for the writes under way; what is not done stays in the outbox. */
    void close() {
        closed = true;
        if (!writes.awaitNone(CLOSE_LIMIT)) {
            LOG.log(Level.WARNING, "the ledger is not waited for any longer: what is not done stays in the outbox");
        }
    }

    private void start(SignedReceipt receipt, Consumer<SignedReceipt> work) {
        writes.begin();
        Thread.ofVirtual().name("decentral-settle").start(() -> attempt(receipt, work, FIRST_RETRY));
    }

    private void attempt(SignedReceipt receipt, Consumer<SignedReceipt> work, Duration retry) {
        try {
            work.accept(receipt);
        } catch (DecentralException e) {
            again(receipt, work, retry, e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "job " + receipt.receipt().job() + " stays in the outbox", e);
        } finally {
            writes.end();
        }
    }

    private void again(SignedReceipt receipt, Consumer<SignedReceipt> work, Duration retry, DecentralException e) {
        if (!e.code().retryable()) {
            LOG.log(
                    Level.ERROR,
                    "job {0}: the ledger refuses: {1}",
                    receipt.receipt().job(),
                    e.message());
            giveUp(receipt);
        } else if (!closed) {
            LOG.log(
                    Level.WARNING,
                    "job {0}: retried in {1}: {2}",
                    receipt.receipt().job(),
                    retry,
                    e.message());
            Duration next = retry.multipliedBy(2).compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : retry.multipliedBy(2);
            parts.timers().after(retry, () -> {
                // After close the outbox keeps it for the next start.
                if (!closed) {
                    writes.begin();
                    Thread.ofVirtual().name("decentral-settle").start(() -> attempt(receipt, work, next));
                }
            });
        }
    }

    private void settleNow(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        SignedStatement statement = receipt.evidence().statements().getLast();
        try {
            parts.ledger()
                    .escrows()
                    .settle(WriteId.derived("settle", receipt.job().value()), statement, parts.signer());
        } catch (DecentralException e) {
            if (e.code() == ErrorCode.DEADLINE_EXCEEDED) {
                LOG.log(
                        Level.ERROR,
                        "job {0} was proved, but its escrow had ended: it cannot be settled",
                        receipt.job());
                giveUp(signed);
                return;
            }
            throw e;
        }
        EscrowedJob.Settled settled = parts.ledger()
                .escrows()
                .find(receipt.job())
                .flatMap(EscrowedJob::settled)
                .orElseThrow(() -> new DecentralException(ErrorCode.OUTCOME_UNKNOWN, "the settled job is not found"));
        store.finish(completed(receipt, settled));
    }

    private SignedReceipt completed(Receipt receipt, EscrowedJob.Settled settled) {
        EscrowedJob job = parts.ledger().escrows().find(receipt.job()).orElseThrow();
        Optional<Instant> heldUntil = job.funds().held() > 0 ? job.status().disputeUntil() : Optional.empty();
        Summary summary = receipt.summary();
        EscrowedJob.Split paid = settled.split();
        // What the worker had claimed before is not in the ledger's split, which then does not explain the price.
        boolean whole = paid.worker() + paid.orchestrator() + paid.treasury() == settled.price();
        Optional<Split> split = whole
                ? Optional.of(new Split(paid.worker(), paid.orchestrator(), paid.treasury(), heldUntil))
                : Optional.empty();
        return SignedReceipt.of(
                new Receipt(
                        receipt.terms(),
                        receipt.openings(),
                        receipt.evidence(),
                        new Settlement(
                                Settlement.State.SETTLED, receipt.settlement().lock(), settled.transaction()),
                        new Summary(summary.model(), summary.tokens(), summary.price(), summary.times(), split)),
                parts.signer());
    }

    private void releaseNow(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        for (SignedVoucher voucher : receipt.evidence().vouchers()) {
            if (voucher.voucher().price() > 0) {
                claim(receipt.job(), voucher);
            }
        }
        tryExpire(receipt.job());
        store.finish(signed);
    }

    /** For a worker that may be dead; it may also have claimed already. */
    private void claim(JobId job, SignedVoucher voucher) {
        WriteId write =
                WriteId.derived("claim", job.value(), voucher.voucher().worker().key());
        try {
            parts.ledger().escrows().claim(write, voucher, parts.signer());
        } catch (DecentralException e) {
            if (e.code().retryable()) {
                throw e;
            }
            LOG.log(
                    Level.INFO,
                    "job {0}: nothing is left to claim for {1}: {2}",
                    job,
                    voucher.voucher().worker(),
                    e.message());
        }
    }

    private void tryExpire(JobId job) {
        try {
            parts.ledger().escrows().expire(WriteId.derived("expire", job.value()), job, parts.signer());
        } catch (DecentralException e) {
            if (e.code().retryable()) {
                throw e;
            }
            LOG.log(Level.INFO, "job {0} is not brought forward: {1}", job, e.message());
        }
    }

    /** Nothing more can be done on the ledger: the receipt says so. */
    private void giveUp(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        Settlement unproved =
                new Settlement(Settlement.State.UNPROVED, receipt.settlement().lock(), null);
        Summary summary = receipt.summary();
        Evidence evidence = receipt.evidence();
        long vouched =
                evidence.vouchers().stream().mapToLong(v -> v.voucher().price()).sum();
        store.finish(SignedReceipt.of(
                new Receipt(
                        receipt.terms(),
                        receipt.openings(),
                        evidence,
                        unproved,
                        new Summary(
                                summary.model(),
                                summary.tokens(),
                                Math.min(summary.price(), vouched),
                                summary.times(),
                                Optional.empty())),
                parts.signer()));
    }
}
