package org.usedecentral.spi.ledger;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;

/** A job as the ledger has it. */
public record EscrowedJob(
        Terms terms, TransactionId lockTransaction, Status status, Funds funds, Optional<Settled> settled) {
    /** Where a job stands in the state table of docs/protocol.md, section 6. */
    public enum State {
        LOCKED,
        SETTLED,
        DISPUTED,
        UPHELD,
        CLOSED
    }

    /**
     * State and deadlines.
     *
     * @param refundAfter the last second in which workers are paid from the remainder
     * @param disputeUntil the last second for a dispute, once settled
     */
    public record Status(State state, Instant refundAfter, Optional<Instant> disputeUntil) {}

    /**
     * Money, base units.
     *
     * @param remaining not paid, not returned
     * @param held the settled worker's share until close
     * @param paid what each remembered worker was paid on vouchers, before the split
     */
    public record Funds(long remaining, long held, Map<Account, Long> paid) {
        public Funds {
            paid = Map.copyOf(paid);
        }
    }

    /**
     * How the job was settled.
     *
     * @param payout where the worker's share goes
     * @param split of what settle paid
     */
    public record Settled(Account worker, Account payout, long price, Split split, TransactionId transaction) {}

    /** Base units; their sum is what settle paid. */
    public record Split(long worker, long orchestrator, long treasury) {}
}
