package org.usedecentral.ledger.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.LedgerEvent;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.WriteId;

/** The tables of {@code schema.sql} as values, on one connection. One thread at a time. */
final class Store implements AutoCloseable {
    private static final String JOB_COLUMNS =
            "j.*, p.worker AS paid_worker, p.amount AS paid_amount, p.by_orchestrator AS paid_by_orchestrator";

    final Sql sql;

    Store(Sql sql) {
        this.sql = sql;
    }

    @Override
    public void close() throws SQLException {
        sql.close();
    }

    // The ledger as a whole.

    /**
     * The row about the whole ledger.
     *
     * @param settings the entry that holds what is configured
     * @param outside the balance of the world outside, never above zero
     * @param heartbeat the last time written while nothing else was
     */
    record LedgerRow(Account operator, Bytes random, long settings, long outside, long heartbeat) {}

    @Nullable LedgerRow ledger() throws SQLException {
        return sql.first(
                "SELECT operator, random, settings, outside, heartbeat FROM ledger",
                row -> new LedgerRow(
                        account(row, "operator"),
                        Sql.bytes(row, "random"),
                        row.getLong("settings"),
                        row.getLong("outside"),
                        row.getLong("heartbeat")));
    }

    void save(LedgerRow row) throws SQLException {
        sql.update(
                "INSERT INTO ledger (one, operator, random, settings, outside, heartbeat) VALUES (1, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (one) DO UPDATE SET settings = excluded.settings, outside = excluded.outside,"
                        + " heartbeat = excluded.heartbeat",
                row.operator().key(),
                row.random(),
                row.settings(),
                row.outside(),
                row.heartbeat());
    }

    // The journal.

    /** An entry as it is stored. */
    record EntryRow(
            Journal.Head head, String label, @Nullable JobId job, Bytes body) {}

    Journal.Head head() throws SQLException {
        Journal.Head head = sql.first(
                "SELECT position, hash, time FROM entries ORDER BY position DESC LIMIT 1",
                row -> new Journal.Head(row.getLong("position"), Sql.bytes(row, "hash"), row.getLong("time")));
        return head == null ? Journal.Head.NONE : head;
    }

    @Nullable Bytes body(long position) throws SQLException {
        return sql.first("SELECT body FROM entries WHERE position = ?", row -> Sql.bytes(row, "body"), position);
    }

    void add(EntryRow entry, int kind) throws SQLException {
        JobId job = entry.job();
        sql.update(
                "INSERT INTO entries (position, hash, time, kind, label, job, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
                entry.head().index(),
                entry.head().hash(),
                entry.head().time(),
                (long) kind,
                entry.label(),
                job == null ? null : job.value(),
                entry.body());
    }

    void addPostings(long position, Map<Purse, Long> postings) throws SQLException {
        for (Map.Entry<Purse, Long> posting : postings.entrySet()) {
            if (posting.getValue() != 0) {
                sql.update(
                        "INSERT INTO postings (position, purse, owner, amount) VALUES (?, ?, ?, ?)",
                        position,
                        posting.getKey().kind().name(),
                        posting.getKey().owner(),
                        posting.getValue());
            }
        }
    }

    void addHead(long position, Bytes signature) throws SQLException {
        sql.update("INSERT INTO heads (position, signature) VALUES (?, ?)", position, signature);
    }

    /** Operations after one position, up to another, in order. */
    List<LedgerEvent> events(long after, long upTo, int limit) throws SQLException {
        return sql.all(
                "SELECT position, hash, time, label, job FROM entries WHERE position > ? AND position <= ? AND kind = "
                        + JournalBody.OPERATION + " ORDER BY position LIMIT ?",
                row -> {
                    Bytes job = Sql.bytesOrNull(row, "job");
                    return new LedgerEvent(
                            row.getLong("position"),
                            new TransactionId(Sql.bytes(row, "hash")),
                            Instant.ofEpochSecond(row.getLong("time")),
                            row.getString("label"),
                            job == null ? null : new JobId(job));
                },
                after,
                upTo,
                (long) limit);
    }

    // What is written once.

    /**
     * A write as its id remembers it.
     *
     * @param content a hash of what was written
     */
    record Written(Bytes content, long position, TransactionId transaction) {}

    @Nullable Written written(Account signer, WriteId write) throws SQLException {
        return sql.first(
                "SELECT w.content, w.position, e.hash FROM writes w JOIN entries e ON e.position = w.position"
                        + " WHERE w.signer = ? AND w.write = ?",
                row -> new Written(
                        Sql.bytes(row, "content"), row.getLong("position"), new TransactionId(Sql.bytes(row, "hash"))),
                signer.key(),
                write.value());
    }

    void addWrite(Account signer, WriteId write, Bytes content, long position) throws SQLException {
        sql.update(
                "INSERT INTO writes (signer, write, content, position) VALUES (?, ?, ?, ?)",
                signer.key(),
                write.value(),
                content,
                position);
    }

    boolean deposited(String reference) throws SQLException {
        return sql.first("SELECT 1 FROM deposits WHERE reference = ?", row -> true, reference) != null;
    }

    void addDeposit(String reference, long position) throws SQLException {
        sql.update("INSERT INTO deposits (reference, position) VALUES (?, ?)", reference, position);
    }

    // Accounts, approvals, workers.

    Balance balance(Account account) throws SQLException {
        Balance balance = sql.first(
                "SELECT free, locked, held, sequence FROM accounts WHERE account = ?",
                row -> new Balance(
                        row.getLong("free"), row.getLong("locked"), row.getLong("held"), row.getLong("sequence")),
                account.key());
        return balance == null ? new Balance(0, 0, 0, 0) : balance;
    }

    void save(AccountRow row) throws SQLException {
        sql.update(
                "INSERT INTO accounts (account, free, locked, held, sequence) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (account) DO UPDATE SET free = excluded.free, locked = excluded.locked,"
                        + " held = excluded.held, sequence = excluded.sequence",
                row.account.key(),
                row.free,
                row.locked,
                row.held,
                row.sequence);
    }

    @Nullable Approval approval(Account payer, Account spender) throws SQLException {
        return sql.first(
                "SELECT * FROM approvals WHERE payer = ? AND spender = ?",
                row -> new Approval(
                        new ApprovalTerms(
                                spender,
                                account(row, "orchestrator"),
                                new ApprovalTerms.Caps(row.getLong("job_cap"), row.getLong("total_cap")),
                                Instant.parse(row.getString("expires")),
                                row.getBoolean("may_dispute")),
                        row.getLong("generation"),
                        row.getLong("spent"),
                        row.getBoolean("revoked")),
                payer.key(),
                spender.key());
    }

    void save(ApprovalRow row) throws SQLException {
        Approval approval = row.approval();
        ApprovalTerms terms = approval.terms();
        sql.update(
                "INSERT OR REPLACE INTO approvals (payer, spender, orchestrator, job_cap, total_cap, expires,"
                        + " may_dispute, generation, spent, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.payer().key(),
                terms.spender().key(),
                terms.orchestrator().key(),
                terms.caps().job(),
                terms.caps().total(),
                terms.expires().toString(),
                terms.mayDispute(),
                approval.generation(),
                approval.spent(),
                approval.revoked());
    }

    @Nullable WorkerAccount worker(Account worker) throws SQLException {
        return sql.first(
                "SELECT * FROM workers WHERE worker = ?",
                row -> new WorkerAccount(
                        new Registration(account(row, "owner"), worker, account(row, "payout")),
                        row.getBoolean("retired"),
                        WorkerAccount.Stake.NONE,
                        row.getInt("reputation")),
                worker.key());
    }

    void save(WorkerAccount worker) throws SQLException {
        Registration registration = worker.registration();
        sql.update(
                "INSERT OR REPLACE INTO workers (worker, owner, payout, retired, reputation) VALUES (?, ?, ?, ?, ?)",
                registration.worker().key(),
                registration.owner().key(),
                registration.payout().key(),
                worker.retired(),
                (long) worker.reputation());
    }

    // Jobs.

    @Nullable Terms terms(JobId job) throws SQLException {
        return sql.first(
                "SELECT terms FROM jobs WHERE id = ?", row -> Terms.decode(Sql.bytes(row, "terms")), job.value());
    }

    @Nullable JobRow job(JobId job) throws SQLException {
        List<JobRow> jobs = jobs(
                "SELECT " + JOB_COLUMNS
                        + " FROM jobs j LEFT JOIN paid p ON p.job = j.id WHERE j.id = ? ORDER BY p.slot",
                job.value());
        return jobs.isEmpty() ? null : jobs.getFirst();
    }

    /** Jobs that are not closed, by id. */
    List<JobRow> open(Account orchestrator, @Nullable JobId after, int limit) throws SQLException {
        boolean everyone = orchestrator.equals(Account.NONE);
        String text = "SELECT " + JOB_COLUMNS + " FROM (SELECT * FROM jobs WHERE state <> 'CLOSED' AND id > ?"
                + (everyone ? "" : " AND orchestrator = ?")
                + " ORDER BY id LIMIT ?) j LEFT JOIN paid p ON p.job = j.id ORDER BY j.id, p.slot";
        Bytes from = after == null ? Bytes.empty() : after.value();
        return everyone ? jobs(text, from, (long) limit) : jobs(text, from, orchestrator.key(), (long) limit);
    }

    private List<JobRow> jobs(String text, Object... values) throws SQLException {
        List<JobRow> jobs = new ArrayList<>();
        sql.each(
                text,
                row -> {
                    JobRow last = jobs.isEmpty() ? null : jobs.getLast();
                    if (last == null || !last.id().value().equals(Sql.bytes(row, "id"))) {
                        last = job(row);
                        jobs.add(last);
                    }
                    Bytes worker = Sql.bytesOrNull(row, "paid_worker");
                    if (worker != null) {
                        last.paid.add(new JobRow.Paid(
                                new Account(worker),
                                row.getLong("paid_amount"),
                                row.getBoolean("paid_by_orchestrator")));
                    }
                },
                values);
        return jobs;
    }

    private static JobRow job(ResultSet row) throws SQLException {
        JobRow job = new JobRow(
                new JobRow.Origin(
                        Terms.decode(Sql.bytes(row, "terms")),
                        new TransactionId(Sql.bytes(row, "lock_transaction")),
                        row.getLong("settings")),
                row.getLong("refund_after"));
        job.state = EscrowedJob.State.valueOf(row.getString("state"));
        job.disputeUntil = Sql.longOrNull(row, "dispute_until");
        job.remaining = row.getLong("remaining");
        job.held = row.getLong("held");
        Bytes worker = Sql.bytesOrNull(row, "worker");
        if (worker != null) {
            job.settled = new EscrowedJob.Settled(
                    new Account(worker),
                    account(row, "payout"),
                    row.getLong("price"),
                    new EscrowedJob.Split(
                            row.getLong("worker_share"),
                            row.getLong("orchestrator_share"),
                            row.getLong("treasury_share")),
                    new TransactionId(Sql.bytes(row, "settle_transaction")));
        }
        return job;
    }

    void save(JobRow job) throws SQLException {
        if (job.fresh) {
            insert(job);
        }
        EscrowedJob.Settled settled = job.settled;
        if (settled == null && !job.fresh) {
            sql.update(
                    "UPDATE jobs SET state = ?, refund_after = ?, remaining = ? WHERE id = ?",
                    job.state.name(),
                    job.refundAfter,
                    job.remaining,
                    job.id().value());
        } else if (settled != null) {
            sql.update(
                    "UPDATE jobs SET state = ?, refund_after = ?, dispute_until = ?, remaining = ?, held = ?, worker = ?,"
                            + " payout = ?, price = ?, worker_share = ?, orchestrator_share = ?, treasury_share = ?,"
                            + " settle_transaction = ? WHERE id = ?",
                    job.state.name(),
                    job.refundAfter,
                    job.disputeUntil,
                    job.remaining,
                    job.held,
                    settled.worker().key(),
                    settled.payout().key(),
                    settled.price(),
                    settled.split().worker(),
                    settled.split().orchestrator(),
                    settled.split().treasury(),
                    settled.transaction().value(),
                    job.id().value());
        }
        if (job.paidChanged) {
            savePaid(job);
        }
    }

    private void insert(JobRow job) throws SQLException {
        sql.update(
                "INSERT INTO jobs (id, terms, payer, orchestrator, lock_transaction, settings, state, refund_after,"
                        + " remaining, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                job.id().value(),
                job.terms().encoded(),
                job.terms().payer().key(),
                job.terms().orchestrator().key(),
                job.origin.lock().value(),
                job.origin.settings(),
                job.state.name(),
                job.refundAfter,
                job.remaining);
    }

    private void savePaid(JobRow job) throws SQLException {
        sql.update("DELETE FROM paid WHERE job = ?", job.id().value());
        for (int i = 0; i < job.paid.size(); i++) {
            JobRow.Paid slot = job.paid.get(i);
            sql.update(
                    "INSERT INTO paid (job, slot, worker, amount, by_orchestrator) VALUES (?, ?, ?, ?, ?)",
                    job.id().value(),
                    (long) i,
                    slot.worker().key(),
                    slot.amount(),
                    slot.byOrchestrator());
        }
    }

    /** Whether a job's deadline had not passed at that time. */
    boolean anyDeadlineFrom(long time) throws SQLException {
        return sql.first(
                        "SELECT 1 FROM jobs WHERE state <> 'CLOSED' AND (refund_after >= ? OR dispute_until >= ?) LIMIT 1",
                        row -> true,
                        time,
                        time)
                != null;
    }

    /** Moves the deadlines that had not passed at {@code from}. */
    void extendDeadlines(long from, long seconds) throws SQLException {
        sql.update(
                "UPDATE jobs SET refund_after = refund_after + ? WHERE state <> 'CLOSED' AND refund_after >= ?",
                seconds,
                from);
        sql.update(
                "UPDATE jobs SET dispute_until = dispute_until + ? WHERE state <> 'CLOSED' AND dispute_until >= ?",
                seconds,
                from);
    }

    private static Account account(ResultSet row, String column) throws SQLException {
        return new Account(Sql.bytes(row, column));
    }
}
