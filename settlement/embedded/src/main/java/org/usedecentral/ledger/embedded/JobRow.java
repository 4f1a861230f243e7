package org.usedecentral.ledger.embedded;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.EscrowedJob.State;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TransactionId;

/** A job as the book has it. Money moves through {@link Entry} only. One thread. */
final class JobRow {
    /** How many workers' vouchers a job remembers. */
    private static final int SLOTS = 3;

    /**
     * What never changes.
     *
     * @param settings the entry whose shares and windows the job keeps
     */
    record Origin(Terms terms, TransactionId lock, long settings) {}

    /** What a remembered worker was paid on vouchers. */
    record Paid(Account worker, long amount, boolean byOrchestrator) {}

    final Origin origin;
    final List<Paid> paid = new ArrayList<>(SLOTS);
    State state = State.LOCKED;
    long refundAfter;

    @Nullable Long disputeUntil;

    long remaining;
    long held;
    EscrowedJob.@Nullable Settled settled;

    /** Whether the database has no such row yet. */
    boolean fresh;

    boolean changed;
    boolean paidChanged;

    JobRow(Origin origin, long refundAfter) {
        this.origin = origin;
        this.refundAfter = refundAfter;
    }

    Terms terms() {
        return origin.terms();
    }

    JobId id() {
        return origin.terms().jobId();
    }

    void settle(EscrowedJob.Settled how, long newRefundAfter, long newDisputeUntil) {
        settled = how;
        state = State.SETTLED;
        refundAfter = newRefundAfter;
        disputeUntil = newDisputeUntil;
        changed = true;
    }

    void expire(long at) {
        refundAfter = Math.min(refundAfter, at);
        changed = true;
    }

    void close() {
        state = State.CLOSED;
        changed = true;
    }

    long paidTo(Account worker) {
        Paid slot = slot(worker);
        return slot == null ? 0 : slot.amount();
    }

    boolean orchestratorClaimedFor(Account worker) {
        Paid slot = slot(worker);
        return slot != null && slot.byOrchestrator();
    }

    private @Nullable Paid slot(Account worker) {
        for (Paid slot : paid) {
            if (slot.worker().equals(worker)) {
                return slot;
            }
        }
        return null;
    }

    /** Remembers a payment; a fourth worker takes the place of the one who was paid least, the oldest of equals. */
    void remember(Account worker, long amount, boolean byOrchestrator) {
        paidChanged = true;
        for (int i = 0; i < paid.size(); i++) {
            Paid slot = paid.get(i);
            if (slot.worker().equals(worker)) {
                paid.set(i, new Paid(worker, slot.amount() + amount, slot.byOrchestrator() || byOrchestrator));
                return;
            }
        }
        if (paid.size() == SLOTS) {
            int least = 0;
            for (int i = 1; i < SLOTS; i++) {
                if (paid.get(i).amount() < paid.get(least).amount()) {
                    least = i;
                }
            }
            paid.remove(least);
        }
        paid.add(new Paid(worker, amount, byOrchestrator));
    }

    EscrowedJob job() {
        Map<Account, Long> amounts = new LinkedHashMap<>();
        paid.forEach(slot -> amounts.put(slot.worker(), slot.amount()));
        return new EscrowedJob(
                terms(),
                origin.lock(),
                new EscrowedJob.Status(
                        state,
                        Instant.ofEpochSecond(refundAfter),
                        Optional.ofNullable(disputeUntil).map(Instant::ofEpochSecond)),
                new EscrowedJob.Funds(remaining, held, amounts),
                Optional.ofNullable(settled));
    }
}
