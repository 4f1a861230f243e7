package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Bytes;

/**
 * A voucher with its signature, not yet checked.
 *
 * @param signature 64 bytes, Ed25519, by the job's orchestrator
 */
public record SignedVoucher(Voucher voucher, Bytes signature) {
    public SignedVoucher {
        if (signature.length() != 64) {
            throw new IllegalArgumentException("an Ed25519 signature has 64 bytes, not " + signature.length());
        }
    }
}
