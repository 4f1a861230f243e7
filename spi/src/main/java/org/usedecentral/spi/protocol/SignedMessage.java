package org.usedecentral.spi.protocol;

import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;

/**
 * A payer's message with its signature, not yet checked.
 *
 * @param signature 64 bytes, Ed25519, by the payer over the text's UTF-8 bytes
 */
public record SignedMessage(PayerMessage message, Bytes signature) {
    public SignedMessage {
        if (signature.length() != 64) {
            throw new IllegalArgumentException("an Ed25519 signature has 64 bytes, not " + signature.length());
        }
    }

    public static SignedMessage of(PayerMessage message, Signer payer) {
        return new SignedMessage(message, payer.sign(message.bytes()));
    }
}
