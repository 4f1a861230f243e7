package org.usedecentral.ledger.embedded;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.JobId;

/**
 * The rows that a commit touches: read from the store when first asked for, changed in memory, saved together. Rows stay for the next
 * commit until there are {@link #MOST} of them. One thread.
 */
final class Book {
    private static final int MOST = 2_048;

    private final Store store;
    private final Map<Account, AccountRow> accounts = new LinkedHashMap<>();
    private final Map<ApprovalRow.Key, ApprovalRow> approvals = new LinkedHashMap<>();
    private final Map<Account, WorkerRow> workers = new LinkedHashMap<>();
    private final Map<JobId, JobRow> jobs = new LinkedHashMap<>();

    /** Settings by entry: one for each time the operator changed them. */
    private final Map<Long, Settings> settings = new HashMap<>();

    private Store.LedgerRow ledger;
    private boolean ledgerChanged;

    /** Begins with a ledger row that is in the store, or with a new one. */
    Book(Store store, Store.LedgerRow ledger) {
        this.store = store;
        this.ledger = ledger;
    }

    // The ledger as a whole.

    Store.LedgerRow ledger() {
        return ledger;
    }

    void changeSettings(long position) {
        set(new Store.LedgerRow(ledger.operator(), ledger.random(), position, ledger.outside(), ledger.heartbeat()));
    }

    void moveOutside(long amount) {
        set(new Store.LedgerRow(
                ledger.operator(),
                ledger.random(),
                ledger.settings(),
                Math.addExact(ledger.outside(), amount),
                ledger.heartbeat()));
    }

    void beat(long time) {
        set(new Store.LedgerRow(ledger.operator(), ledger.random(), ledger.settings(), ledger.outside(), time));
    }

    private void set(Store.LedgerRow row) {
        ledger = row;
        ledgerChanged = true;
    }

    /** The settings that an entry brought. */
    Settings settings(long position) throws SQLException {
        Settings known = settings.get(position);
        if (known != null) {
            return known;
        }
        var body = store.body(position);
        if (body == null) {
            throw Damage.of("journal entry " + position + ", which should hold settings, is missing");
        }
        Settings read = switch (JournalBody.decode(body)) {
            case JournalBody.Genesis genesis -> genesis.settings();
            case JournalBody.Change change -> change.settings();
            case JournalBody.Operation ignored -> throw noSettings(position);
            case JournalBody.Resume ignored -> throw noSettings(position);
        };
        settings.put(position, read);
        return read;
    }

    private static RuntimeException noSettings(long position) {
        return Damage.of("journal entry " + position + " should hold settings and does not");
    }

    // Rows.

    AccountRow account(Account account) throws SQLException {
        AccountRow row = accounts.get(account);
        if (row == null) {
            Balance balance = store.balance(account);
            row = new AccountRow(account, balance);
            accounts.put(account, row);
        }
        return row;
    }

    @Nullable ApprovalRow approval(Account payer, Account spender) throws SQLException {
        ApprovalRow.Key key = new ApprovalRow.Key(payer, spender);
        ApprovalRow row = approvals.get(key);
        if (row == null) {
            Approval approval = store.approval(payer, spender);
            if (approval != null) {
                row = new ApprovalRow(payer, approval);
                approvals.put(key, row);
            }
        }
        return row;
    }

    /** The approval of a spender, made if the payer never gave one. */
    ApprovalRow approvalFor(Account payer, ApprovalTerms terms) throws SQLException {
        ApprovalRow row = approval(payer, terms.spender());
        if (row == null) {
            row = new ApprovalRow(payer, new Approval(terms, 0, 0, false));
            approvals.put(new ApprovalRow.Key(payer, terms.spender()), row);
        }
        return row;
    }

    @Nullable WorkerRow worker(Account worker) throws SQLException {
        WorkerRow row = workers.get(worker);
        if (row == null) {
            WorkerAccount account = store.worker(worker);
            if (account != null) {
                row = new WorkerRow(account);
                workers.put(worker, row);
            }
        }
        return row;
    }

    void add(WorkerRow worker) {
        workers.put(worker.worker().registration().worker(), worker);
    }

    @Nullable JobRow job(JobId job) throws SQLException {
        JobRow row = jobs.get(job);
        if (row == null) {
            row = store.job(job);
            if (row != null) {
                jobs.put(job, row);
            }
        }
        return row;
    }

    void add(JobRow job) {
        job.fresh = true;
        jobs.put(job.id(), job);
    }

    boolean deposited(String reference) throws SQLException {
        return store.deposited(reference);
    }

    void deposit(String reference, long position) throws SQLException {
        store.addDeposit(reference, position);
    }

    // Commit.

    /** Writes what changed to the store; the caller commits it. */
    void save() throws SQLException {
        if (ledgerChanged) {
            store.save(ledger);
            ledgerChanged = false;
        }
        for (AccountRow row : accounts.values()) {
            if (row.changed) {
                store.save(row);
                row.changed = false;
            }
        }
        for (ApprovalRow row : approvals.values()) {
            if (row.changed()) {
                store.save(row);
                row.saved();
            }
        }
        for (WorkerRow row : workers.values()) {
            if (row.changed()) {
                store.save(row.worker());
                row.saved();
            }
        }
        for (JobRow row : jobs.values()) {
            if (row.fresh || row.changed || row.paidChanged) {
                store.save(row);
                row.fresh = false;
                row.changed = false;
                row.paidChanged = false;
            }
        }
    }

    /** Forgets rows if there are many; all must be saved. */
    void trim() {
        if (accounts.size() + approvals.size() + workers.size() + jobs.size() > MOST) {
            forget();
        }
    }

    /** Forgets every row, saved or not. */
    void forget() {
        accounts.clear();
        approvals.clear();
        workers.clear();
        jobs.clear();
    }
}
