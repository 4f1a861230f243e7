package org.usedecentral.receipt;

import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.RequestCommitment;

/**
 * What opens a job's commitments; only the payer's copy of a receipt has it.
 *
 * @param salt the job's 32 random bytes
 * @param clientBodySha256 of the bytes the client sent
 * @param payloadSha256 of the bytes the worker got
 */
public record Openings(Bytes salt, Bytes clientBodySha256, Bytes payloadSha256) {
    public Openings {
        if (salt.length() != 32 || clientBodySha256.length() != 32 || payloadSha256.length() != 32) {
            throw new IllegalArgumentException("salt and hashes have 32 bytes each");
        }
    }

    /** The request commitment that they open. */
    public Bytes commitment() {
        return RequestCommitment.of(salt, clientBodySha256, payloadSha256);
    }
}
