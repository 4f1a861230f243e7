package org.usedecentral.ledger.embedded;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;

/**
 * An operation whose signatures, proof and voucher hold.
 *
 * @param signer whose write it is: the first signer, or the payer of a message
 * @param content a hash of what is written: the body's, or the message's text, which a wallet may sign again
 */
record Verified(SignedOperation signed, LedgerOperation operation, Account signer, Bytes content) {
    static Verified of(SignedOperation signed, LedgerOperation operation, Account signer) {
        return new Verified(signed, operation, signer, Sha256.of(signed.body()));
    }

    static Verified of(SignedOperation signed, LedgerOperation operation, SignedMessage message) {
        return new Verified(
                signed,
                operation,
                message.message().payer(),
                Sha256.of(message.message().bytes()));
    }
}
