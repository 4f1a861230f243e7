package org.usedecentral.testkit.ledger;

import static org.usedecentral.testkit.ledger.Refusals.forbidden;

import java.util.List;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Register;
import org.usedecentral.spi.protocol.LedgerOperation.Revoke;
import org.usedecentral.spi.protocol.LedgerOperation.Withdraw;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;

/** Finds who signed an operation and checks every signature on it. Thread-safe. */
final class Signatures {
    private final LedgerId ledger;
    private final Account operator;
    private final SignatureCheck check;

    Signatures(LedgerId ledger, Account operator, SignatureCheck check) {
        this.ledger = ledger;
        this.operator = operator;
        this.check = check;
    }

    /** The first signer, to whom the write id belongs: {@code FORBIDDEN} unless all signed who must. */
    Account signer(SignedOperation signed, LedgerOperation operation) {
        return switch (operation) {
            case Withdraw(SignedMessage message) -> payer(signed, message);
            case Approve(SignedMessage message) -> payer(signed, message);
            case Revoke(SignedMessage message) -> payer(signed, message);
            case Deposit deposit -> signers(signed, List.of(operator));
            case Lock(var terms) -> signers(signed, List.of(terms.lockSigner(), terms.orchestrator()));
            case Register(var entry) -> signers(signed, List.of(entry.owner(), entry.worker()));
            default -> {
                if (signed.signatures().size() != 1) {
                    throw DecentralException.invalid(
                            "signatures",
                            "a " + operation.label() + " is signed by one account, not by "
                                    + signed.signatures().size());
                }
                yield signers(signed, List.of(signed.signatures().getFirst().account()));
            }
        };
    }

    boolean verify(Account account, Bytes message, Bytes signature) {
        return check.verify(account, message, signature);
    }

    private Account payer(SignedOperation signed, SignedMessage message) {
        if (!signed.signatures().isEmpty()
                || !signed.write().equals(message.message().writeId())) {
            throw DecentralException.invalid(
                    "write", "a payer's message carries its own signature and the write id derived from its text");
        }
        if (!check.verify(message.message().payer(), message.message().bytes(), message.signature())) {
            throw forbidden(
                    "the message is not signed by payer " + message.message().payer());
        }
        return message.message().payer();
    }

    private Account signers(SignedOperation signed, List<Account> needed) {
        for (Account account : needed) {
            if (signed.signatureOf(account).isEmpty()) {
                throw forbidden("the signature of " + account + " is missing");
            }
        }
        Bytes message = Signed.operation(ledger, signed.write(), signed.body());
        for (SignedOperation.Signature signature : signed.signatures()) {
            if (!needed.contains(signature.account())) {
                throw DecentralException.invalid(
                        "signatures", "the signature of " + signature.account() + " is not asked for");
            }
            if (!check.verify(signature.account(), message, signature.signature())) {
                throw forbidden("the signature of " + signature.account() + " does not hold on this ledger");
            }
        }
        return needed.getFirst();
    }
}
