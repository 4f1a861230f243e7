package org.usedecentral.ledger.embedded;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.EscrowedJob.Split;
import org.usedecentral.spi.ledger.EscrowedJob.State;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.JobId;
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
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.Voucher;

/**
 * The table of docs/protocol.md, section 6: one method an operation, which checks every condition against the book and returns what the
 * operation does. Nothing changes before the conditions hold, so a refusal leaves no trace. One thread.
 */
final class Rules {
    /** Seconds that a lock's validUntil may lie ahead. */
    private static final int MOST_AHEAD = 60;

    private static final int BPS = 10_000;

    private final Book book;

    Rules(Book book) {
        this.book = book;
    }

    /** What an operation does once its conditions hold. It cannot fail. */
    interface Effect {
        void apply(Entry entry) throws SQLException;
    }

    Effect check(Verified write, long now) throws SQLException {
        Account signer = write.signer();
        return switch (write.operation()) {
            case Deposit deposit -> deposit(deposit);
            case Withdraw(SignedMessage message) -> withdraw(message.message(), now);
            case Approve(SignedMessage message) -> approve(message.message(), now);
            case Revoke(SignedMessage message) -> revoke(message.message(), now);
            case Lock(Terms terms) -> lock(terms, now);
            case Settle(SignedStatement statement) -> settle(statement.statement(), signer, now);
            case Claim(SignedVoucher voucher) -> claim(voucher.voucher(), signer, now);
            case Expire(JobId job) -> expire(job, signer, now);
            case Refund(JobId job) -> refund(job, now);
            case Close(JobId job) -> close(job, now);
            case Register(Registration registration) -> register(registration);
            case Update(Account worker, Account payout) -> update(worker, payout, signer);
            case Retire(Account worker) -> retire(worker, signer);
        };
    }

    /** The job an operation is about, for events. */
    static @Nullable JobId job(LedgerOperation operation) {
        return switch (operation) {
            case Lock(Terms terms) -> terms.jobId();
            case Settle(SignedStatement statement) -> statement.statement().job();
            case Claim(SignedVoucher voucher) -> voucher.voucher().job();
            case Expire(JobId job) -> job;
            case Refund(JobId job) -> job;
            case Close(JobId job) -> job;
            default -> null;
        };
    }

    // Credits.

    private Effect deposit(Deposit deposit) throws SQLException {
        String reference = deposit.reference();
        if (book.deposited(reference)) {
            throw conflict("a deposit with reference " + reference + " was credited already");
        }
        // The world outside owes the sum of all other purses, so nothing else can overflow if it does not.
        if (book.ledger().outside() < Long.MIN_VALUE + 1 + deposit.amount()) {
            throw DecentralException.invalid("amount", "the ledger cannot count that much money");
        }
        return entry -> {
            book.deposit(reference, entry.position());
            entry.move(Purse.OUTSIDE, Purse.free(deposit.account()), deposit.amount());
        };
    }

    private Effect withdraw(PayerMessage message, long now) throws SQLException {
        AccountRow account = payer(message, now);
        long amount = message.number("amount");
        covers(account, amount);
        return entry -> {
            account.takeMessage(message.sequence());
            entry.move(Purse.free(account.account), Purse.OUTSIDE, amount);
        };
    }

    private Effect approve(PayerMessage message, long now) throws SQLException {
        AccountRow account = payer(message, now);
        ApprovalTerms terms = ApprovalTerms.of(message);
        return entry -> {
            account.takeMessage(message.sequence());
            book.approvalFor(account.account, terms).renew(terms);
        };
    }

    private Effect revoke(PayerMessage message, long now) throws SQLException {
        AccountRow account = payer(message, now);
        Account spender = message.account("spender");
        ApprovalRow approval = book.approval(account.account, spender);
        if (approval == null) {
            throw notFound("payer " + account.account + " never approved spender " + spender);
        }
        return entry -> {
            account.takeMessage(message.sequence());
            approval.revoke();
        };
    }

    /** The account of a message that is not expired and comes next. */
    private AccountRow payer(PayerMessage message, long now) throws SQLException {
        if (now > message.expires().getEpochSecond()) {
            throw late("the message expired at " + message.expires() + ": sign a new one");
        }
        AccountRow account = book.account(message.payer());
        if (message.sequence() != account.sequence + 1) {
            throw conflict("the message has sequence " + message.sequence() + ", the next one is "
                    + (account.sequence + 1) + ": read the balance and sign again");
        }
        return account;
    }

    private static void covers(AccountRow account, long amount) {
        if (amount > account.free) {
            throw new DecentralException(
                    ErrorCode.INSUFFICIENT_CREDITS,
                    "account " + account.account + " has " + account.free + " base units free, " + amount
                            + " are needed: deposit more");
        }
    }

    // Escrows.

    private Effect lock(Terms terms, long now) throws SQLException {
        long validUntil = terms.validUntil().getEpochSecond();
        if (now > validUntil) {
            throw late("the terms were valid until " + terms.validUntil() + ": make new ones");
        }
        if (validUntil > now + MOST_AHEAD) {
            throw late("the terms may be valid for " + MOST_AHEAD + " s at most, not " + (validUntil - now));
        }
        if (book.job(terms.jobId()) != null) {
            throw conflict("job " + terms.jobId() + " was locked already, and an id is used once: take a new nonce");
        }
        long locked = terms.locked();
        covers(book.account(terms.payer()), locked);
        ApprovalRow approval = approval(terms, locked, now);
        long settings = book.ledger().settings();
        return entry -> {
            book.add(new JobRow(new JobRow.Origin(terms, entry.transaction(), settings), now + terms.timeoutSeconds()));
            entry.move(Purse.free(terms.payer()), Purse.escrow(terms.jobId()), locked);
            if (approval != null) {
                approval.spend(locked);
            }
        };
    }

    /** The approval that lets a spender lock; null where the payer itself does. */
    private @Nullable ApprovalRow approval(Terms terms, long locked, long now) throws SQLException {
        if (terms.lockSigner().equals(terms.payer())) {
            return null;
        }
        ApprovalRow row = book.approval(terms.payer(), terms.lockSigner());
        if (row == null) {
            throw forbidden("payer " + terms.payer() + " did not approve spender " + terms.lockSigner());
        }
        Approval approval = row.approval();
        ApprovalTerms.Caps caps = approval.terms().caps();
        if (approval.revoked()) {
            throw forbidden("the approval of spender " + terms.lockSigner() + " was revoked");
        }
        if (now > approval.terms().expires().getEpochSecond()) {
            throw forbidden("the approval of spender " + terms.lockSigner() + " expired at "
                    + approval.terms().expires());
        }
        Account orchestrator = approval.terms().orchestrator();
        if (!orchestrator.equals(Account.NONE) && !orchestrator.equals(terms.orchestrator())) {
            throw forbidden("the approval is for jobs of orchestrator " + orchestrator);
        }
        if (locked > caps.job()) {
            throw forbidden("the job may cost " + locked + " base units, the approval allows " + caps.job() + " a job");
        }
        if (locked > caps.total() - approval.spent()) {
            throw forbidden("the job may cost " + locked + " base units; of the approval's " + caps.total() + ", "
                    + approval.spent() + " are spent");
        }
        return row;
    }

    private Effect settle(Statement statement, Account signer, long now) throws SQLException {
        JobRow job = open(statement.job());
        orchestrates(job, signer);
        inTime(job, now);
        WorkerRow worker = worker(statement.worker());
        if (job.settled != null) {
            throw conflict("job " + job.id() + " was settled already");
        }
        long price = statement.price();
        long due = Math.max(0, price - job.paidTo(statement.worker()));
        if (due > job.remaining) {
            throw conflict("job " + job.id() + " has " + job.remaining + " base units left, " + due + " are due");
        }
        Settings settings = book.settings(job.origin.settings());
        Parameters.Windows windows = settings.parameters().windows();
        Split split = split(settings.parameters(), worker, due);
        boolean staked = staked(settings.parameters(), worker);
        Account payout = worker.worker().registration().payout();
        return entry -> {
            EscrowedJob.Settled settled =
                    new EscrowedJob.Settled(statement.worker(), payout, price, split, entry.transaction());
            job.settle(
                    settled,
                    now + windows.grace().toSeconds(),
                    now + windows.dispute().toSeconds());
            Purse share = staked ? Purse.free(payout) : Purse.held(job.id());
            pay(entry, job, split, share);
            if (!worker.is(job.terms().payer())
                    && !worker.is(job.terms().lockSigner())
                    && !worker.is(job.terms().orchestrator())) {
                worker.praise(price);
            }
        };
    }

    private Effect claim(Voucher voucher, Account claimant, long now) throws SQLException {
        JobRow job = open(voucher.job());
        inTime(job, now);
        boolean byOrchestrator = !claimant.equals(voucher.worker());
        EscrowedJob.Settled settled = job.settled;
        if (settled != null && settled.worker().equals(voucher.worker())) {
            throw conflict("job " + job.id() + " was settled for this worker: it claims no more");
        }
        WorkerRow worker = worker(voucher.worker());
        if (byOrchestrator && job.orchestratorClaimedFor(voucher.worker())) {
            throw conflict("the orchestrator claimed for worker " + voucher.worker() + " already");
        }
        long amount = Math.min(voucher.price() - job.paidTo(voucher.worker()), job.remaining);
        if (amount <= 0) {
            throw conflict("nothing is due: worker " + voucher.worker() + " was paid "
                    + job.paidTo(voucher.worker()) + " of " + voucher.price() + ", the job has " + job.remaining
                    + " left");
        }
        Split split = split(book.settings(job.origin.settings()).parameters(), worker, amount);
        Account payout = worker.worker().registration().payout();
        return entry -> {
            pay(entry, job, split, Purse.free(payout));
            job.remember(voucher.worker(), amount, byOrchestrator);
        };
    }

    private Effect expire(JobId id, Account signer, long now) throws SQLException {
        JobRow job = open(id);
        orchestrates(job, signer);
        long grace = book.settings(job.origin.settings())
                .parameters()
                .windows()
                .grace()
                .toSeconds();
        return entry -> job.expire(now + grace);
    }

    private Effect refund(JobId id, long now) throws SQLException {
        JobRow job = open(id);
        passed(job.refundAfter, now, "workers of job " + id + " are paid");
        if (job.remaining == 0) {
            throw conflict("job " + id + " has nothing left to return");
        }
        ApprovalRow spender = spender(job);
        return entry -> giveBack(entry, job, spender);
    }

    private Effect close(JobId id, long now) throws SQLException {
        JobRow job = open(id);
        passed(job.refundAfter, now, "workers of job " + id + " are paid");
        passed(job.terms().validUntil().getEpochSecond(), now, "the terms of job " + id + " are valid");
        Long disputeUntil = job.disputeUntil;
        if (disputeUntil != null) {
            passed(disputeUntil, now, "job " + id + " can be disputed");
        }
        ApprovalRow spender = spender(job);
        return entry -> {
            giveBack(entry, job, spender);
            EscrowedJob.Settled settled = job.settled;
            if (settled != null) {
                entry.move(Purse.held(id), Purse.free(settled.payout()), job.held);
            }
            job.close();
        };
    }

    private JobRow open(JobId id) throws SQLException {
        JobRow job = book.job(id);
        if (job == null) {
            throw notFound("no job " + id + " was ever locked on this ledger");
        }
        if (job.state == State.CLOSED) {
            throw conflict("job " + id + " is closed");
        }
        return job;
    }

    private static void orchestrates(JobRow job, Account signer) {
        if (!signer.equals(job.terms().orchestrator())) {
            throw forbidden("only orchestrator " + job.terms().orchestrator() + " can do this with job " + job.id());
        }
    }

    private static void inTime(JobRow job, long now) {
        if (now > job.refundAfter) {
            throw late("workers of job " + job.id() + " were paid until " + job.refundAfter + ", now it is " + now);
        }
    }

    private static void passed(long deadline, long now, String what) {
        if (now <= deadline) {
            throw conflict(what + " until " + deadline + ", now it is " + now + ": try again later");
        }
    }

    /** The approval that a job of a spender counts in; null where the payer locked it. */
    private @Nullable ApprovalRow spender(JobRow job) throws SQLException {
        Terms terms = job.terms();
        return terms.lockSigner().equals(terms.payer()) ? null : book.approval(terms.payer(), terms.lockSigner());
    }

    private static void giveBack(Entry entry, JobRow job, @Nullable ApprovalRow spender) throws SQLException {
        long amount = job.remaining;
        entry.move(Purse.escrow(job.id()), Purse.free(job.terms().payer()), amount);
        if (spender != null) {
            spender.spend(-amount);
        }
    }

    // Shares.

    private static Split split(Parameters parameters, WorkerRow worker, long amount) {
        Parameters.Shares shares = parameters.shares();
        int bps = staked(parameters, worker) ? shares.stakedWorker() : shares.worker();
        long workerShare = Math.multiplyExact(amount, bps) / BPS;
        long fee = Math.multiplyExact(amount, shares.orchestrator()) / BPS;
        return new Split(workerShare, fee, amount - workerShare - fee);
    }

    private static boolean staked(Parameters parameters, WorkerRow worker) {
        WorkerAccount.Stake stake = worker.worker().stake();
        return stake.active() && stake.amount() >= parameters.minimumStake();
    }

    private void pay(Entry entry, JobRow job, Split split, Purse workerShare) throws SQLException {
        Purse escrow = Purse.escrow(job.id());
        entry.move(escrow, workerShare, split.worker());
        entry.move(escrow, Purse.free(job.terms().orchestrator()), split.orchestrator());
        Account treasury = book.settings(job.origin.settings()).treasury();
        entry.move(escrow, Purse.free(treasury), split.treasury());
    }

    // Workers.

    private Effect register(Registration registration) throws SQLException {
        WorkerRow existing = book.worker(registration.worker());
        if (existing == null) {
            return entry -> book.add(WorkerRow.registered(registration));
        }
        if (existing.worker().retired()) {
            throw conflict("worker key " + registration.worker() + " was retired: use a new key");
        }
        if (!existing.worker().registration().owner().equals(registration.owner())) {
            throw conflict("worker key " + registration.worker() + " belongs to another owner");
        }
        return entry -> existing.pay(registration.payout());
    }

    private Effect update(Account key, Account payout, Account signer) throws SQLException {
        WorkerRow worker = owned(key, signer);
        return entry -> worker.pay(payout);
    }

    private Effect retire(Account key, Account signer) throws SQLException {
        WorkerRow worker = owned(key, signer);
        return entry -> worker.retire();
    }

    private WorkerRow worker(Account key) throws SQLException {
        WorkerRow worker = book.worker(key);
        if (worker == null) {
            throw notFound("worker " + key + " is not registered on this ledger");
        }
        return worker;
    }

    private WorkerRow owned(Account key, Account signer) throws SQLException {
        WorkerRow worker = worker(key);
        if (!worker.worker().registration().owner().equals(signer)) {
            throw forbidden("worker " + key + " belongs to another owner");
        }
        if (worker.worker().retired()) {
            throw conflict("worker " + key + " was retired");
        }
        return worker;
    }

    // Refusals.

    private static DecentralException conflict(String message) {
        return new DecentralException(ErrorCode.CONFLICT, message);
    }

    private static DecentralException forbidden(String message) {
        return new DecentralException(ErrorCode.FORBIDDEN, message);
    }

    private static DecentralException notFound(String message) {
        return new DecentralException(ErrorCode.NOT_FOUND, message);
    }

    private static DecentralException late(String message) {
        return new DecentralException(ErrorCode.DEADLINE_EXCEEDED, message);
    }
}
