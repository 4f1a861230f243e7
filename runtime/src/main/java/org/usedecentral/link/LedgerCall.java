package org.usedecentral.link;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;

/**
 * What a remote worker asks of an embedded ledger through its gateway's {@code POST /v1/workers/ledger}: one of the lists holds one element. Reads are public,
 * as the ledger is; writes are operations that their signers signed.
 */
public record LedgerCall(
        List<JobId> job, List<Account> worker, List<Account> balance, List<SignedOperation> operation) {
    public LedgerCall {
        job = List.copyOf(job);
        worker = List.copyOf(worker);
        balance = List.copyOf(balance);
        operation = List.copyOf(operation);
    }

    /** Asks for the ledger's id and time alone. */
    public static final LedgerCall HEAD = new LedgerCall(List.of(), List.of(), List.of(), List.of());

    public static LedgerCall find(JobId job) {
        return new LedgerCall(List.of(job), List.of(), List.of(), List.of());
    }

    public static LedgerCall find(Account worker) {
        return new LedgerCall(List.of(), List.of(worker), List.of(), List.of());
    }

    public static LedgerCall balanceOf(Account account) {
        return new LedgerCall(List.of(), List.of(), List.of(account), List.of());
    }

    public static LedgerCall submit(SignedOperation operation) {
        return new LedgerCall(List.of(), List.of(), List.of(), List.of(operation));
    }

    /**
     * The answer: the ledger's id and Unix time, and what was asked for, if it is there.
     */
    public record Answer(
            LedgerId ledger, long time, List<JobView> job, List<WorkerView> worker, List<Written> written) {
        public Answer {
            job = List.copyOf(job);
            worker = List.copyOf(worker);
            written = List.copyOf(written);
        }
    }

    /** A balance or a transaction. */
    public record Written(TransactionId transaction, String level, long position, Amounts amounts) {
        public static Written of(Committed committed) {
            return new Written(
                    committed.transaction(), committed.level().name(), committed.position(), new Amounts(0, 0, 0, 0));
        }

        public static Written of(Balance balance) {
            Amounts amounts = new Amounts(balance.free(), balance.locked(), balance.held(), balance.sequence());
            return new Written(new TransactionId(Bytes.empty()), "", 0, amounts);
        }

        public Committed committed() {
            return new Committed(transaction, Committed.Level.valueOf(level), position);
        }

        public Balance balance() {
            return new Balance(amounts.free(), amounts.locked(), amounts.held(), amounts.sequence());
        }
    }

    /** Base units, and the sequence of the last payer message. */
    public record Amounts(long free, long locked, long held, long sequence) {}

    /** A worker's entry. */
    public record WorkerView(Registration registration, boolean retired, WorkerAccount.Stake stake, int reputation) {
        public static WorkerView of(WorkerAccount account) {
            return new WorkerView(account.registration(), account.retired(), account.stake(), account.reputation());
        }

        public WorkerAccount account() {
            return new WorkerAccount(registration, retired, stake, reputation);
        }
    }

    /** A job; times are Unix seconds. */
    public record JobView(Bytes terms, TransactionId lock, Status status, Funds funds, List<Settled> settled) {
        public JobView {
            settled = List.copyOf(settled);
        }

        public static JobView of(EscrowedJob job) {
            Map<String, Long> paid = new HashMap<>();
            job.funds().paid().forEach((worker, amount) -> paid.put(worker.toString(), amount));
            return new JobView(
                    job.terms().encoded(),
                    job.lockTransaction(),
                    new Status(
                            job.status().state(),
                            job.status().refundAfter().getEpochSecond(),
                            job.status()
                                    .disputeUntil()
                                    .map(Instant::getEpochSecond)
                                    .orElse(-1L)),
                    new Funds(job.funds().remaining(), job.funds().held(), paid),
                    job.settled().stream().map(Settled::of).toList());
        }

        public EscrowedJob job() {
            Map<Account, Long> paid = new HashMap<>();
            funds.paid().forEach((worker, amount) -> paid.put(Account.parse(worker), amount));
            Optional<Instant> disputeUntil = status.disputeUntil() < 0
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochSecond(status.disputeUntil()));
            return new EscrowedJob(
                    Terms.decode(terms),
                    lock,
                    new EscrowedJob.Status(status.state(), Instant.ofEpochSecond(status.refundAfter()), disputeUntil),
                    new EscrowedJob.Funds(funds.remaining(), funds.held(), paid),
                    settled.stream().findFirst().map(Settled::settled));
        }
    }

    /** Where a job stands; -1: no dispute window yet. */
    public record Status(EscrowedJob.State state, long refundAfter, long disputeUntil) {}

    /** Base units. */
    public record Funds(long remaining, long held, Map<String, Long> paid) {
        public Funds {
            paid = Map.copyOf(paid);
        }
    }

    /** How a job was settled. */
    public record Settled(
            Account worker, Account payout, long price, EscrowedJob.Split split, TransactionId transaction) {
        static Settled of(EscrowedJob.Settled settled) {
            return new Settled(
                    settled.worker(), settled.payout(), settled.price(), settled.split(), settled.transaction());
        }

        EscrowedJob.Settled settled() {
            return new EscrowedJob.Settled(worker, payout, price, split, transaction);
        }
    }
}
