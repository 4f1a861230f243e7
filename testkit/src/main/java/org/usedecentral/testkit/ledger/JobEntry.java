package org.usedecentral.testkit.ledger;

import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;

/** A job as {@link Escrow} keeps it. Times are Unix seconds, amounts base units. Guarded by the ledger's lock. */
final class JobEntry {
    final Terms terms;
    /** As they were at the lock: a later change does not touch the job. */
    final Parameters parameters;

    final TransactionId lockTransaction;
    long refundAfter;
    long remaining;
    long held;
    boolean closed;
    EscrowedJob.@Nullable Settled settled;
    long disputeUntil;
    /** What each remembered worker was paid on vouchers, in the order in which they were first paid. */
    final Map<Account, Long> paid = new LinkedHashMap<>();
    /** Workers for whom the orchestrator has cashed a voucher. */
    final Set<Account> claimedFor = new HashSet<>();

    JobEntry(Terms terms, Parameters parameters, TransactionId lockTransaction, long now) {
        this.terms = terms;
        this.parameters = parameters;
        this.lockTransaction = lockTransaction;
        this.refundAfter = now + terms.timeoutSeconds();
        this.remaining = terms.locked();
    }

    EscrowedJob.State state() {
        if (closed) {
            return EscrowedJob.State.CLOSED;
        }
        return settled == null ? EscrowedJob.State.LOCKED : EscrowedJob.State.SETTLED;
    }

    EscrowedJob view() {
        return new EscrowedJob(
                terms,
                lockTransaction,
                new EscrowedJob.Status(
                        state(),
                        Instant.ofEpochSecond(refundAfter),
                        settled == null ? Optional.empty() : Optional.of(Instant.ofEpochSecond(disputeUntil))),
                new EscrowedJob.Funds(remaining, held, paid),
                Optional.ofNullable(settled));
    }
}
