package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;

/**
 * Chosen by whoever signs a write and scoped to that signer: repeating it returns the first result.
 *
 * @param value 32 bytes
 */
public record WriteId(Bytes value) {
    public WriteId {
        if (value.length() != 32) {
            throw new IllegalArgumentException("32 bytes are needed, not " + value.length());
        }
    }

    /**
     * Reads the base58 form.
     *
     * @throws IllegalArgumentException if it is not the base58 of 32 bytes
     */
    public static WriteId parse(String base58) {
        return new WriteId(Base58.decode(base58));
    }

    /** The id that a write of this purpose always has, so that a retry after a crash repeats it. */
    public static WriteId derived(String purpose, Bytes... parts) {
        return new WriteId(Sha256.of(Bytes.utf8(purpose), Bytes.concat(parts)));
    }

    /** Base58. */
    @Override
    public String toString() {
        return Base58.encode(value);
    }
}
