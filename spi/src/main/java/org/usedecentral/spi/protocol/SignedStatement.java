package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Bytes;

/**
 * A statement with its signature, not yet checked.
 *
 * @param signature 64 bytes, Ed25519, by the worker
 */
public record SignedStatement(Statement statement, Bytes signature) {
    public SignedStatement {
        if (signature.length() != 64) {
            throw new IllegalArgumentException("an Ed25519 signature has 64 bytes, not " + signature.length());
        }
    }
}
