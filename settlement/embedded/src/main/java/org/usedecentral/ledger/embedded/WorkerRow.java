package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.Registration;

/** A worker as the book has it. One thread. */
final class WorkerRow {
    /** Where a worker's reputation starts. */
    private static final int FIRST_REPUTATION = 5_000;

    private static final int MAX_REPUTATION = 10_000;
    private static final long REPUTATION_PRICE = 1_000;

    private WorkerAccount worker;
    private boolean changed;

    /** A worker as it is stored. */
    WorkerRow(WorkerAccount worker) {
        this.worker = worker;
    }

    /** A worker that registers; not stored yet. */
    static WorkerRow registered(Registration registration) {
        WorkerRow row =
                new WorkerRow(new WorkerAccount(registration, false, WorkerAccount.Stake.NONE, FIRST_REPUTATION));
        row.changed = true;
        return row;
    }

    WorkerAccount worker() {
        return worker;
    }

    boolean changed() {
        return changed;
    }

    void saved() {
        changed = false;
    }

    void pay(Account payout) {
        Registration old = worker.registration();
        set(new Registration(old.owner(), old.worker(), payout), worker.retired(), worker.reputation());
    }

    void retire() {
        set(worker.registration(), true, worker.reputation());
    }

    /** A settled job raises the reputation by min(price, 1,000) / 64,000 of the gap to 10,000. */
    void praise(long price) {
        long gap = (long) MAX_REPUTATION - worker.reputation();
        long gain = gap * Math.min(price, REPUTATION_PRICE) / (64 * REPUTATION_PRICE);
        set(worker.registration(), worker.retired(), (int) (worker.reputation() + gain));
    }

    /** Whether an account is this worker itself: its key, owner or payout. */
    boolean is(Account account) {
        Registration registration = worker.registration();
        return account.equals(registration.worker())
                || account.equals(registration.owner())
                || account.equals(registration.payout());
    }

    private void set(Registration registration, boolean retired, int reputation) {
        worker = new WorkerAccount(registration, retired, worker.stake(), reputation);
        changed = true;
    }
}
