package org.usedecentral.spi.ledger;

import java.time.Instant;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedOperation;

/**
 * A public ledger of credits, escrows and workers: the rules of docs/protocol.md, section 6. Calls block; thread-safe.
 *
 * <p>Every write carries a {@link org.usedecentral.spi.protocol.WriteId}, scoped to its (first) signer: repeating it returns the first
 * result, the same id with other content is {@code CONFLICT}, an unknown fate is {@code OUTCOME_UNKNOWN} (repeat with the same id);
 * a refused write is not recorded. Refusals: {@code INSUFFICIENT_CREDITS}, {@code FORBIDDEN} (wrong signer or approval),
 * {@code NOT_FOUND}, {@code CONFLICT} (state does not allow it), {@code DEADLINE_EXCEEDED} (too early is {@code CONFLICT}),
 * {@code PROOF_INVALID}, {@code INVALID_REQUEST}.
 */
public interface SettlementLedger extends Plugin {
    LedgerId id();

    Parameters parameters();

    /** The ledger's own time, to the second. */
    Instant time();

    CreditAccounts credits();

    Escrows escrows();

    WorkerAccounts workers();

    /**
     * Confirmed events in order, resumable.
     *
     * @param afterPosition the position of the last event seen; -1 from the start
     */
    LedgerEvents events(long afterPosition);

    /** Writes an operation that was signed elsewhere, as a remote worker does through a gateway. */
    default Committed submit(SignedOperation operation) {
        throw DecentralException.unsupported("submitting signed operations to ledger " + name());
    }
}
