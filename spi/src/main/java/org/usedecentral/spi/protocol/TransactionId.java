package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;

/**
 * Names a ledger transaction.
 *
 * @param value 32 bytes on the embedded ledger (the journal entry's hash), 64 on Solana (the first signature)
 */
public record TransactionId(Bytes value) {
    /**
     * Reads the base58 form.
     *
     * @throws IllegalArgumentException if it is not base58
     */
    public static TransactionId parse(String base58) {
        return new TransactionId(Base58.decode(base58));
    }

    /** Base58. */
    @Override
    public String toString() {
        return Base58.encode(value);
    }
}
