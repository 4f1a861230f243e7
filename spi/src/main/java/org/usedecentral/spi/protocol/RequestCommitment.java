package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Bytes;

/** Binds a job to exact request bytes without showing them (docs/protocol.md, section 3). */
public final class RequestCommitment {
    private RequestCommitment() {}

    /**
     * SHA-256(tag ‖ salt ‖ SHA-256(client body) ‖ SHA-256(payload)).
     *
     * @param salt 32 random bytes
     * @param clientBodySha256 of the bytes the client sent
     * @param payloadSha256 of the bytes the worker gets
     */
    public static Bytes of(Bytes salt, Bytes clientBodySha256, Bytes payloadSha256) {
        if (salt.length() != 32 || clientBodySha256.length() != 32 || payloadSha256.length() != 32) {
            throw new IllegalArgumentException("salt and hashes have 32 bytes each");
        }
        return Sha256.of(Tag.REQUEST.bytes(), salt, clientBodySha256, payloadSha256);
    }
}
