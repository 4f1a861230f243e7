package org.usedecentral.testkit.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * All a schedule can see of a ledger, without transaction ids, in which engines differ.
 *
 * @param jobs those that were locked
 * @param approval the spender's
 */
record LedgerState(
        Map<Account, Balance> balances,
        Map<JobId, EscrowedJob> jobs,
        Map<Account, WorkerAccount> workers,
        Optional<Approval> approval) {
    private static final TransactionId NO_TRANSACTION = new TransactionId(Bytes.zeros(32));

    static LedgerState of(SettlementLedger ledger, Cast cast, List<JobId> known) {
        Map<Account, Balance> balances = new LinkedHashMap<>();
        for (Account account : cast.accounts()) {
            balances.put(account, ledger.credits().balance(account));
        }
        Map<JobId, EscrowedJob> jobs = new LinkedHashMap<>();
        for (JobId id : known) {
            ledger.escrows().find(id).ifPresent(job -> jobs.put(id, withoutTransactions(job)));
        }
        Map<Account, WorkerAccount> workers = new LinkedHashMap<>();
        for (String name : Cast.WORKERS) {
            Account worker = cast.account(name);
            ledger.workers().find(worker).ifPresent(account -> workers.put(worker, account));
        }
        return new LedgerState(
                balances, jobs, workers, ledger.credits().approval(cast.account("P"), cast.account("S")));
    }

    private static EscrowedJob withoutTransactions(EscrowedJob job) {
        return new EscrowedJob(
                job.terms(),
                NO_TRANSACTION,
                job.status(),
                job.funds(),
                job.settled()
                        .map(settled -> new EscrowedJob.Settled(
                                settled.worker(), settled.payout(), settled.price(), settled.split(), NO_TRANSACTION)));
    }

    EscrowedJob job(JobId id) {
        EscrowedJob job = jobs.get(id);
        if (job == null) {
            throw new RuleBroken("JOB_LOST", "job " + id + " was locked and is not found");
        }
        return job;
    }

    Balance balance(Account account) {
        Balance balance = balances.get(account);
        if (balance == null) {
            throw new IllegalArgumentException("account " + account + " is not watched");
        }
        return balance;
    }

    WorkerAccount worker(Account account) {
        WorkerAccount worker = workers.get(account);
        if (worker == null) {
            throw new RuleBroken("WORKER_LOST", "worker " + account + " was registered and is not found");
        }
        return worker;
    }

    long free(Account account) {
        return balance(account).free();
    }

    /** What is different in {@code other}, in words. */
    String difference(LedgerState other) {
        StringBuilder text = new StringBuilder();
        balances.forEach((account, balance) -> {
            if (!balance.equals(other.balances.get(account))) {
                text.append("\n  ").append(account).append(": ").append(balance);
                text.append(" and ").append(other.balances.get(account));
            }
        });
        jobs.forEach((id, job) -> {
            if (!job.equals(other.jobs.get(id))) {
                text.append("\n  ").append(job).append(" and ").append(other.jobs.get(id));
            }
        });
        workers.forEach((account, worker) -> {
            if (!worker.equals(other.workers.get(account))) {
                text.append("\n  ").append(worker).append(" and ").append(other.workers.get(account));
            }
        });
        if (!approval.equals(other.approval)) {
            text.append("\n  ").append(approval).append(" and ").append(other.approval);
        }
        return text.toString();
    }
}
