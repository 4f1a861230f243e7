package org.usedecentral.orchestrator;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.ledger.WorkerAccounts;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.time.Timers;

/**
 * A ledger that takes every write, notes it, and fails when it is told to. It knows none of the protocol's rules: those are tested elsewhere. Thread-safe.
 */
public final class FakeLedger implements SettlementLedger, Escrows, WorkerAccounts {
    static final LedgerId ID = new LedgerId(Bytes.concat(Bytes.utf8("a ledger of 32 bytes............")));
    static final TransactionId TRANSACTION = new TransactionId(Bytes.utf8("a transaction of 32 bytes......."));

    /** What was written, such as {@code settle} and the job's id. */
    final List<String> writes = new CopyOnWriteArrayList<>();

    /** Tries that failed, by the same names. */
    final List<String> failures = new CopyOnWriteArrayList<>();

    private final Timers timers;
    private final Runnable onClose;
    private final TreeMap<String, EscrowedJob> jobs = new TreeMap<>();
    private final Map<Account, WorkerAccount> workers = new HashMap<>();
    private final Map<String, ErrorCode> refusals = new HashMap<>();
    private boolean down;

    FakeLedger(Timers timers) {
        this(timers, () -> {});
    }

    /** A ledger that tells when it is closed. */
    public FakeLedger(Timers timers, Runnable onClose) {
        this.timers = timers;
        this.onClose = onClose;
    }

    /** What was written, for tests of other packages. */
    public List<String> writes() {
        return List.copyOf(writes);
    }

    /** Tries that failed, likewise. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** From now on nothing is answered, or everything is again. */
    public synchronized void down(boolean value) {
        down = value;
    }

    /** Refuses one kind of write from now on. */
    public synchronized void refuse(String write, ErrorCode code) {
        refusals.put(write, code);
    }

    public synchronized void put(EscrowedJob job) {
        jobs.put(job.terms().jobId().toString(), job);
    }

    synchronized void put(Account worker, boolean retired) {
        workers.put(
                worker,
                new WorkerAccount(new Registration(worker, worker, worker), retired, WorkerAccount.Stake.NONE, 5_000));
    }

    /** A job with 100 base units in its escrow. */
    static EscrowedJob job(Terms terms, EscrowedJob.State state, Instant refundAfter, Optional<Instant> disputeUntil) {
        return new EscrowedJob(
                terms,
                TRANSACTION,
                new EscrowedJob.Status(state, refundAfter, disputeUntil),
                new EscrowedJob.Funds(state == EscrowedJob.State.CLOSED ? 0 : 100, 0, Map.of()),
                Optional.empty());
    }

    private synchronized void requireUp(String what) {
        if (down) {
            failures.add(what);
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the ledger is down");
        }
    }

    private synchronized Committed write(String kind, JobId job) {
        requireUp(kind + " " + job);
        ErrorCode refusal = refusals.get(kind);
        if (refusal != null) {
            failures.add(kind + " " + job);
            throw new DecentralException(refusal, kind + " is refused");
        }
        writes.add(kind + " " + job);
        return new Committed(TRANSACTION, Committed.Level.CONFIRMED, writes.size());
    }

    @Override
    public Committed lock(WriteId write, Terms terms, Signer lockSigner, Signer orchestrator) {
        Committed committed = write("lock", terms.jobId());
        put(job(terms, EscrowedJob.State.LOCKED, time().plusSeconds(terms.timeoutSeconds()), Optional.empty()));
        return committed;
    }

    @Override
    public Committed settle(WriteId write, SignedStatement signed, Signer orchestrator) {
        Statement statement = signed.statement();
        Committed committed = write("settle", statement.job());
        EscrowedJob job = find(statement.job()).orElseThrow();
        put(new EscrowedJob(
                job.terms(),
                job.lockTransaction(),
                new EscrowedJob.Status(
                        EscrowedJob.State.SETTLED, time().plusSeconds(20), Optional.of(time().plusSeconds(60))),
                new EscrowedJob.Funds(0, 0, Map.of()),
                Optional.of(new EscrowedJob.Settled(
                        statement.worker(),
                        statement.worker(),
                        statement.price(),
                        new EscrowedJob.Split(statement.price(), 0, 0),
                        TRANSACTION))));
        return committed;
    }

    @Override
    public Committed claim(WriteId write, SignedVoucher voucher, Signer claimant) {
        return write("claim", voucher.voucher().job());
    }

    @Override
    public Committed expire(WriteId write, JobId job, Signer orchestrator) {
        return write("expire", job);
    }

    @Override
    public Committed refund(WriteId write, JobId job, Signer anyone) {
        return write("refund", job);
    }

    @Override
    public synchronized Committed close(WriteId write, JobId job, Signer anyone) {
        Committed committed = write("close", job);
        jobs.remove(job.toString());
        return committed;
    }

    @Override
    public synchronized Optional<EscrowedJob> find(JobId job) {
        requireUp("find " + job);
        return Optional.ofNullable(jobs.get(job.toString()));
    }

    @Override
    public synchronized List<EscrowedJob> open(Account orchestrator, @Nullable JobId after, int limit) {
        requireUp("open");
        Map<String, EscrowedJob> rest = after == null ? jobs : jobs.tailMap(after.toString(), false);
        return rest.values().stream()
                .filter(job -> job.status().state() != EscrowedJob.State.CLOSED)
                .filter(job -> orchestrator.equals(Account.NONE)
                        || job.terms().orchestrator().equals(orchestrator))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Optional<WorkerAccount> find(Account worker) {
        requireUp("worker " + worker);
        return Optional.ofNullable(workers.get(worker));
    }

    @Override
    public Committed register(WriteId write, Registration registration, Signer owner, Signer worker) {
        throw DecentralException.unsupported("registering with the fake");
    }

    @Override
    public Committed update(WriteId write, Account worker, Account payout, Signer owner) {
        throw DecentralException.unsupported("updating with the fake");
    }

    @Override
    public Committed retire(WriteId write, Account worker, Signer owner) {
        throw DecentralException.unsupported("retiring with the fake");
    }

    @Override
    public LedgerId id() {
        return ID;
    }

    @Override
    public Parameters parameters() {
        return Parameters.DEFAULT;
    }

    @Override
    public Instant time() {
        return timers.clock().instant();
    }

    @Override
    public CreditAccounts credits() {
        throw DecentralException.unsupported("credits of the fake");
    }

    @Override
    public Escrows escrows() {
        return this;
    }

    @Override
    public WorkerAccounts workers() {
        return this;
    }

    @Override
    public LedgerEvents events(long afterPosition) {
        throw DecentralException.unsupported("events of the fake");
    }

    @Override
    public void close() {
        onClose.run();
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public String type() {
        return "fake";
    }
}
