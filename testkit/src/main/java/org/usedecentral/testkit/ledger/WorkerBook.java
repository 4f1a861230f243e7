package org.usedecentral.testkit.ledger;

import static org.usedecentral.testkit.ledger.Refusals.conflict;
import static org.usedecentral.testkit.ledger.Refusals.forbidden;
import static org.usedecentral.testkit.ledger.Refusals.refuse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.LedgerOperation.Update;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.Terms;

/** Worker keys, their owners and payouts. Guarded by the ledger's lock. */
final class WorkerBook {
    private static final int FIRST_REPUTATION = 5_000;
    private static final int BEST_REPUTATION = 10_000;
    /** A price from which a settled job counts in full. */
    private static final long FULL_WEIGHT = 1_000;
    /** What part of the gap to the best a full job closes: one in this many. */
    private static final long STEPS = 64;

    private final Set<Rule> off;
    private final Map<Account, WorkerAccount> workers = new HashMap<>();

    WorkerBook(Set<Rule> off) {
        this.off = off;
    }

    Optional<WorkerAccount> find(Account worker) {
        return Optional.ofNullable(workers.get(worker));
    }

    /** The same owner may register its key again; its payout is then the new one. */
    void register(Registration registration) {
        WorkerAccount before = workers.get(registration.worker());
        if (before != null && !before.registration().owner().equals(registration.owner())) {
            throw conflict("worker " + registration.worker() + " belongs to another owner; use another worker key");
        }
        if (before != null && before.retired()) {
            throw retired(registration.worker());
        }
        workers.put(
                registration.worker(),
                new WorkerAccount(
                        registration,
                        false,
                        WorkerAccount.Stake.NONE,
                        before == null ? FIRST_REPUTATION : before.reputation()));
    }

    void update(Update update, Account signer) {
        WorkerAccount before = owned(update.worker(), signer);
        if (before.retired()) {
            throw retired(update.worker());
        }
        workers.put(
                update.worker(),
                new WorkerAccount(
                        new Registration(signer, update.worker(), update.payout()),
                        false,
                        before.stake(),
                        before.reputation()));
    }

    void retire(Account worker, Account signer) {
        WorkerAccount before = owned(worker, signer);
        if (before.retired()) {
            throw retired(worker);
        }
        workers.put(worker, new WorkerAccount(before.registration(), true, before.stake(), before.reputation()));
    }

    /** Where a worker's earnings go; a retired one's too. */
    Account payout(Account worker) {
        WorkerAccount account = get(worker);
        if (account.retired() && off.contains(Rule.RETIRED_IS_PAID)) {
            throw retired(worker);
        }
        return account.registration().payout();
    }

    /** Moves a worker's reputation towards the best after a settled job, unless it paid itself. */
    void settled(Terms terms, Account worker, long price) {
        WorkerAccount account = get(worker);
        Registration own = account.registration();
        Set<Account> selves = Set.copyOf(List.of(own.owner(), own.worker(), own.payout()));
        if (selves.contains(terms.payer())
                || selves.contains(terms.lockSigner())
                || selves.contains(terms.orchestrator())) {
            return;
        }
        long gap = (long) BEST_REPUTATION - account.reputation();
        long gain = gap * Math.min(price, FULL_WEIGHT) / (STEPS * FULL_WEIGHT);
        workers.put(worker, new WorkerAccount(own, account.retired(), account.stake(), (int)
                (account.reputation() + gain)));
    }

    private WorkerAccount owned(Account worker, Account signer) {
        WorkerAccount account = get(worker);
        if (!account.registration().owner().equals(signer)) {
            throw forbidden("only worker " + worker + "'s owner may change it");
        }
        return account;
    }

    private WorkerAccount get(Account worker) {
        WorkerAccount account = workers.get(worker);
        if (account == null) {
            throw refuse(ErrorCode.NOT_FOUND, "worker " + worker + " is not registered; its owner registers it");
        }
        return account;
    }

    private static RuntimeException retired(Account worker) {
        return conflict("worker " + worker + " is retired; register another worker key");
    }
}
