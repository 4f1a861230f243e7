package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;

/**
 * Names one ledger for ever, so that what is signed for one means nothing on another.
 *
 * @param value 32 bytes
 */
public record LedgerId(Bytes value) {
    public LedgerId {
        if (value.length() != 32) {
            throw new IllegalArgumentException("32 bytes are needed, not " + value.length());
        }
    }

    /**
     * Reads the base58 form.
     *
     * @throws IllegalArgumentException if it is not the base58 of 32 bytes
     */
    public static LedgerId parse(String base58) {
        return new LedgerId(Base58.decode(base58));
    }

    /**
     * The id of an embedded ledger: SHA-256 of tag, operator and random bytes.
     *
     * @param random 32 bytes drawn when the ledger was made
     */
    public static LedgerId embedded(Account operator, Bytes random) {
        return new LedgerId(Sha256.of(Tag.LEDGER.bytes(), operator.key(), random));
    }

    /** Base58. */
    @Override
    public String toString() {
        return Base58.encode(value);
    }
}
