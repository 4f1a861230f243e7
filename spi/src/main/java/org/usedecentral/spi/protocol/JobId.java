package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;

/**
 * The SHA-256 of a job's terms. It cannot be chosen, so it can be neither squatted nor replayed on another ledger.
 *
 * @param value 32 bytes
 */
public record JobId(Bytes value) {
    public JobId {
        if (value.length() != 32) {
            throw new IllegalArgumentException("32 bytes are needed, not " + value.length());
        }
    }

    /**
     * Reads the base58 form.
     *
     * @throws IllegalArgumentException if it is not the base58 of 32 bytes
     */
    public static JobId parse(String base58) {
        return new JobId(Base58.decode(base58));
    }

    /** Base58. */
    @Override
    public String toString() {
        return Base58.encode(value);
    }
}
