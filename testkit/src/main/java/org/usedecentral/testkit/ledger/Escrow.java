package org.usedecentral.testkit.ledger;

import static org.usedecentral.testkit.ledger.Refusals.conflict;
import static org.usedecentral.testkit.ledger.Refusals.forbidden;
import static org.usedecentral.testkit.ledger.Refusals.refuse;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.EscrowedJob.Split;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;

/**
 * The state table of docs/protocol.md, section 6. Every check comes before the first change, in the order of the table. Guarded by the
 * ledger's lock.
 */
final class Escrow {
    private static final int REMEMBERED = 3;
    private static final long BASIS_POINTS = 10_000;
    /** Job ids in the order of their bytes, read as unsigned. */
    private static final Comparator<JobId> BY_BYTES =
            (a, b) -> Arrays.compareUnsigned(a.value().toByteArray(), b.value().toByteArray());

    private final Set<Rule> off;
    private final CreditBook credits;
    private final WorkerBook workers;
    private final Account treasury;
    private final NavigableMap<JobId, JobEntry> jobs = new TreeMap<>(BY_BYTES);

    Escrow(Set<Rule> off, CreditBook credits, WorkerBook workers, Account treasury) {
        this.off = off;
        this.credits = credits;
        this.workers = workers;
        this.treasury = treasury;
    }

    /** When and by whom an operation is written, and as what. */
    record Writing(Account signer, long now, TransactionId transaction) {}

    void lock(Terms terms, Parameters parameters, Writing write) {
        long validUntil = terms.validUntil().getEpochSecond();
        if (write.now > validUntil || validUntil > write.now + 60) {
            throw late("the lock is valid until " + terms.validUntil()
                    + ", which must lie within 60 s from the ledger's time");
        }
        if (jobs.containsKey(terms.jobId()) && !off.contains(Rule.JOB_ID_ONCE)) {
            throw conflict("job " + terms.jobId() + " was locked before; take a fresh nonce");
        }
        credits.lock(terms, write.now);
        jobs.put(terms.jobId(), new JobEntry(terms, parameters, write.transaction, write.now));
    }

    void settle(JobEntry job, ProofScheme.Claims claims, Writing write) {
        requireOpen(job);
        requireInTime(job, write.now);
        Account payout = workers.payout(claims.worker());
        if (job.settled != null && !off.contains(Rule.SETTLE_ONCE)) {
            throw conflict("job " + job.terms.jobId() + " is settled already");
        }
        long had = off.contains(Rule.NET) ? 0 : job.paid.getOrDefault(claims.worker(), 0L);
        long due = Math.max(0, claims.price() - had);
        if (due > job.remaining) {
            throw conflict(due + " base units are due and " + job.remaining + " of the lock remain; claim the voucher");
        }
        Split split = split(job, due);
        job.remaining -= due;
        credits.add(job.terms.orchestrator(), split.orchestrator());
        credits.add(treasury, split.treasury());
        job.held = split.worker();
        job.settled = new EscrowedJob.Settled(claims.worker(), payout, claims.price(), split, write.transaction);
        job.refundAfter = write.now + seconds(job.parameters.windows().grace());
        job.disputeUntil = write.now + seconds(job.parameters.windows().dispute());
        workers.settled(job.terms, claims.worker(), claims.price());
    }

    void claim(JobEntry job, Voucher voucher, Writing write) {
        Account worker = voucher.worker();
        boolean forWorker = !write.signer.equals(worker);
        requireOpen(job);
        requireInTime(job, write.now);
        if (job.settled != null && job.settled.worker().equals(worker) && !off.contains(Rule.NET)) {
            throw conflict("worker " + worker + " was paid by settle and claims no more");
        }
        Account payout = workers.payout(worker);
        if (forWorker && job.claimedFor.contains(worker) && !off.contains(Rule.CLAIM_FOR_ONCE)) {
            throw conflict("the orchestrator has claimed for worker " + worker + " already");
        }
        if (job.paid.size() >= REMEMBERED && !job.paid.containsKey(worker) && off.contains(Rule.FOURTH_WORKER)) {
            throw conflict("three workers were paid already");
        }
        long had = off.contains(Rule.CUMULATIVE) ? 0 : job.paid.getOrDefault(worker, 0L);
        long available = job.remaining + (off.contains(Rule.HELD_IS_SAFE) ? job.held : 0);
        long amount = Math.min(voucher.price() - had, available);
        if (amount <= 0) {
            throw conflict("nothing is due to worker " + worker + ": it had " + had + ", the voucher says "
                    + voucher.price() + " and " + job.remaining + " of the lock remain");
        }
        long fromRemainder = Math.min(amount, job.remaining);
        job.remaining -= fromRemainder;
        job.held -= amount - fromRemainder;
        Split split = split(job, amount);
        credits.add(payout, split.worker());
        credits.add(job.terms.orchestrator(), split.orchestrator());
        credits.add(treasury, split.treasury());
        remember(job, worker, amount);
        if (forWorker) {
            job.claimedFor.add(worker);
        }
    }

    /** Adds to what a worker was paid; beyond three, the one paid least is forgotten, of equals the one first paid. */
    private static void remember(JobEntry job, Account worker, long amount) {
        job.paid.merge(worker, amount, Long::sum);
        if (job.paid.size() > REMEMBERED) {
            Account least = job.paid.entrySet().stream()
                    .filter(entry -> !entry.getKey().equals(worker))
                    .min(Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey();
            job.paid.remove(least);
            job.claimedFor.remove(least);
        }
    }

    void expire(JobEntry job, Writing write) {
        requireOpen(job);
        job.refundAfter = Math.min(
                job.refundAfter, write.now + seconds(job.parameters.windows().grace()));
    }

    void refund(JobEntry job, Writing write) {
        requireOpen(job);
        if (write.now <= job.refundAfter) {
            throw early(job, "refunded", job.refundAfter);
        }
        if (job.remaining == 0) {
            throw conflict("nothing of job " + job.terms.jobId() + " remains to be refunded");
        }
        giveBack(job);
    }

    void close(JobEntry job, Writing write) {
        requireOpen(job);
        if (write.now <= job.refundAfter && !off.contains(Rule.CLOSE_WAITS)) {
            throw early(job, "closed", job.refundAfter);
        }
        long validUntil = job.terms.validUntil().getEpochSecond();
        if (write.now <= validUntil) {
            throw early(job, "closed", validUntil);
        }
        if (job.settled != null && write.now <= job.disputeUntil && !off.contains(Rule.CLOSE_WAITS)) {
            throw early(job, "closed", job.disputeUntil);
        }
        giveBack(job);
        if (job.settled != null) {
            boolean copied = !off.contains(Rule.PAYOUT_COPIED);
            credits.add(copied ? job.settled.payout() : workers.payout(job.settled.worker()), job.held);
            job.held = 0;
        }
        job.closed = true;
    }

    private void giveBack(JobEntry job) {
        credits.giveBack(job.terms, job.remaining);
        job.remaining = 0;
    }

    /** The job, whatever its state. */
    JobEntry get(JobId id) {
        JobEntry job = jobs.get(id);
        if (job == null) {
            throw refuse(ErrorCode.NOT_FOUND, "job " + id + " is not on this ledger");
        }
        return job;
    }

    /** The job, if this is its orchestrator. */
    JobEntry ofOrchestrator(JobId id, Account signer) {
        JobEntry job = get(id);
        if (!job.terms.orchestrator().equals(signer)) {
            throw forbidden("only orchestrator " + job.terms.orchestrator() + " may do this to job " + id);
        }
        return job;
    }

    Optional<EscrowedJob> find(JobId id) {
        return Optional.ofNullable(jobs.get(id)).map(JobEntry::view);
    }

    List<EscrowedJob> open(Account orchestrator, @Nullable JobId after, int limit) {
        return (after == null ? jobs : jobs.tailMap(after, false))
                .values().stream()
                        .filter(job -> !job.closed)
                        .filter(job -> orchestrator.equals(Account.NONE)
                                || job.terms.orchestrator().equals(orchestrator))
                        .limit(limit)
                        .map(JobEntry::view)
                        .toList();
    }

    /** What is locked in jobs this account pays for. */
    long locked(Account payer) {
        return jobs.values().stream()
                .filter(job -> job.terms.payer().equals(payer))
                .mapToLong(job -> job.remaining)
                .sum();
    }

    /** What this account has earned and jobs still hold. */
    long held(Account payout) {
        return jobs.values().stream()
                .filter(job -> job.settled != null && job.settled.payout().equals(payout))
                .mapToLong(job -> job.held)
                .sum();
    }

    /** Extends what was not passed at the last heartbeat by the time the ledger was down. */
    void extend(long lastBeat, long downtime) {
        for (JobEntry job : jobs.values()) {
            if (!job.closed && job.refundAfter >= lastBeat) {
                job.refundAfter += downtime;
            }
            if (!job.closed && job.settled != null && job.disputeUntil >= lastBeat) {
                job.disputeUntil += downtime;
            }
        }
    }

    private static Split split(JobEntry job, long amount) {
        Parameters.Shares shares = job.parameters.shares();
        long worker = amount * shares.worker() / BASIS_POINTS;
        long orchestrator = amount * shares.orchestrator() / BASIS_POINTS;
        return new Split(worker, orchestrator, amount - worker - orchestrator);
    }

    private static void requireOpen(JobEntry job) {
        if (job.closed) {
            throw conflict("job " + job.terms.jobId() + " is closed");
        }
    }

    private void requireInTime(JobEntry job, long now) {
        if (now > job.refundAfter && !off.contains(Rule.DEADLINE)) {
            throw late("job " + job.terms.jobId() + " paid its workers until second " + job.refundAfter
                    + " and no longer");
        }
    }

    private static RuntimeException late(String message) {
        return refuse(ErrorCode.DEADLINE_EXCEEDED, message);
    }

    private static RuntimeException early(JobEntry job, String what, long until) {
        return conflict("job " + job.terms.jobId() + " can be " + what + " after second " + until);
    }

    private static long seconds(Duration duration) {
        return duration.toSeconds();
    }
}
