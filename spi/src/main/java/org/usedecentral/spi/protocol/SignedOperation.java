package org.usedecentral.spi.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;

/**
 * A ledger operation with its signatures, not yet checked: what an embedded ledger journals and a remote worker posts.
 *
 * @param signatures each over {@link Signed#operation}; empty for a payer's text message, whose body carries its own
 */
public record SignedOperation(WriteId write, Bytes body, List<Signature> signatures) {
    /** One signature, 64 bytes, and who claims to have made it. */
    public record Signature(Account account, Bytes signature) {
        public Signature {
            if (signature.length() != 64) {
                throw new IllegalArgumentException("an Ed25519 signature has 64 bytes, not " + signature.length());
            }
        }
    }

    public SignedOperation {
        signatures = List.copyOf(signatures);
        if (signatures.size() > 8) {
            throw new IllegalArgumentException("an operation has at most 8 signatures");
        }
    }

    /** Signs {@code operation} with every signer, for one ledger. */
    public static SignedOperation of(LedgerId ledger, WriteId write, LedgerOperation operation, Signer... signers) {
        Bytes body = operation.encode();
        Bytes message = Signed.operation(ledger, write, body);
        return new SignedOperation(
                write,
                body,
                Arrays.stream(signers)
                        .map(signer -> new Signature(signer.account(), signer.sign(message)))
                        .toList());
    }

    /** A payer's text message as an operation; it carries its own signature. */
    public static SignedOperation of(SignedMessage message, LedgerOperation operation) {
        return new SignedOperation(message.message().writeId(), operation.encode(), List.of());
    }

    /** The signature that claims to be by {@code account}. */
    public Optional<Bytes> signatureOf(Account account) {
        return signatures.stream()
                .filter(s -> s.account().equals(account))
                .map(Signature::signature)
                .findFirst();
    }
}
