package org.usedecentral.spi.ledger;

import org.usedecentral.spi.protocol.TransactionId;

/**
 * A write that the ledger has taken.
 *
 * @param position the journal index or slot it stands at
 */
public record Committed(TransactionId transaction, Level level, long position) {
    /** How sure it is. */
    public enum Level {
        CONFIRMED,
        FINALIZED
    }
}
