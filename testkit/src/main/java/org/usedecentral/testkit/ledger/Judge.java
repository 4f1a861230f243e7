package org.usedecentral.testkit.ledger;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Close;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
import org.usedecentral.spi.protocol.LedgerOperation.Expire;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Refund;
import org.usedecentral.spi.protocol.LedgerOperation.Register;
import org.usedecentral.spi.protocol.LedgerOperation.Retire;
import org.usedecentral.spi.protocol.LedgerOperation.Revoke;
import org.usedecentral.spi.protocol.LedgerOperation.Settle;
import org.usedecentral.spi.protocol.LedgerOperation.Update;
import org.usedecentral.spi.protocol.LedgerOperation.Withdraw;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.Terms;

/**
 * Says of a write that a ledger took whether it should have: who signed it, when, and in what state. What it moves is {@link WatchedLedger}'s
 * business. One write.
 */
final class Judge {
    private final LedgerState before;
    private final Account signer;
    private final long now;

    /** A write by that signer, at that Unix second, on a ledger that looked like this before. */
    Judge(LedgerState before, Account signer, long now) {
        this.before = before;
        this.signer = signer;
        this.now = now;
    }

    void taken(LedgerOperation operation) {
        switch (operation) {
            case Lock(Terms terms) -> lock(terms);
            case Settle(var signed) -> {
                EscrowedJob job = open(before.job(signed.statement().job()));
                require(
                        signer.equals(job.terms().orchestrator()),
                        "WRONG_SIGNER",
                        "settle by another than the orchestrator");
                require(job.settled().isEmpty(), "SETTLED_TWICE", "the job was settled before");
                require(signed.statement().price() <= job.terms().locked(), "PAID_ABOVE_LOCK", "price above the lock");
                inTime(job);
            }
            case Claim(var signed) -> {
                EscrowedJob job = open(before.job(signed.voucher().job()));
                Account worker = signed.voucher().worker();
                require(
                        signer.equals(worker) || signer.equals(job.terms().orchestrator()),
                        "WRONG_SIGNER",
                        "claim by another than worker or orchestrator");
                require(
                        job.settled()
                                .filter(settled -> settled.worker().equals(worker))
                                .isEmpty(),
                        "SETTLED_CLAIMED",
                        "the settled worker claimed");
                inTime(job);
            }
            case Expire(var id) -> {
                EscrowedJob job = open(before.job(id));
                require(
                        signer.equals(job.terms().orchestrator()),
                        "WRONG_SIGNER",
                        "expire by another than the orchestrator");
            }
            case Refund(var id) -> {
                EscrowedJob job = open(before.job(id));
                require(now > refundAfter(job), "REFUNDED_EARLY", "refund while workers may still be paid");
            }
            case Close(var id) -> close(open(before.job(id)));
            case Withdraw(var signed) -> message(signed.message());
            case Approve(var signed) -> message(signed.message());
            case Revoke(var signed) -> message(signed.message());
            case Deposit deposit -> {}
            case Register register -> {}
            case Update update -> {}
            case Retire retire -> {}
        }
    }

    private void lock(Terms terms) {
        long validUntil = terms.validUntil().getEpochSecond();
        require(!before.jobs().containsKey(terms.jobId()), "JOB_ID_REPLAYED", "the job was locked before");
        require(now <= validUntil && validUntil <= now + 60, "LOCKED_LATE", "the terms are not valid now");
        if (!terms.lockSigner().equals(terms.payer())) {
            require(
                    before.approval().isPresent()
                            && !before.approval().get().revoked()
                            && before.approval().get().spent() + terms.locked()
                                    <= before.approval().get().terms().caps().total(),
                    "ABOVE_LIMIT",
                    "the spender locked more than was approved");
        }
    }

    private void close(EscrowedJob job) {
        require(
                now > refundAfter(job)
                        && now > job.terms().validUntil().getEpochSecond()
                        && job.status()
                                .disputeUntil()
                                .filter(until -> now <= until.getEpochSecond())
                                .isEmpty(),
                "CLOSED_EARLY",
                "close before every deadline passed");
    }

    private void message(PayerMessage message) {
        long stored = before.balance(message.payer()).sequence();
        require(
                message.sequence() == stored + 1,
                "MESSAGE_OUT_OF_ORDER",
                "sequence " + message.sequence() + " after " + stored);
        require(now <= message.expires().getEpochSecond(), "MESSAGE_LATE", "the message had expired");
    }

    private void inTime(EscrowedJob job) {
        require(now <= refundAfter(job), "PAID_LATE", "a worker was paid after the deadline");
    }

    private static EscrowedJob open(EscrowedJob job) {
        require(job.status().state() != EscrowedJob.State.CLOSED, "CLOSED_IS_OVER", "a closed job was written to");
        return job;
    }

    private static long refundAfter(EscrowedJob job) {
        return job.status().refundAfter().getEpochSecond();
    }

    private static void require(boolean holds, String kind, String detail) {
        if (!holds) {
            throw new RuleBroken(kind, detail);
        }
    }
}
