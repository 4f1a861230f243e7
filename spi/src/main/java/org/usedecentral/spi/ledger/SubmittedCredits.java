package org.usedecentral.spi.ledger;

import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.WriteId;

/** Credits of a ledger whose writes are signed operations: every write is signed and submitted, so that there is one way in. */
public interface SubmittedCredits extends CreditAccounts {
    /** Where operations are submitted. */
    SettlementLedger ledger();

    @Override
    default Committed deposit(WriteId write, Signer operator, Deposit deposit) {
        return ledger().submit(SignedOperation.of(
                ledger().id(),
                write,
                new LedgerOperation.Deposit(deposit.account(), deposit.amount(), deposit.reference()),
                operator));
    }

    @Override
    default Committed withdraw(SignedMessage message) {
        return ledger().submit(SignedOperation.of(message, new LedgerOperation.Withdraw(message)));
    }

    @Override
    default Committed approve(SignedMessage message) {
        return ledger().submit(SignedOperation.of(message, new LedgerOperation.Approve(message)));
    }

    @Override
    default Committed revoke(SignedMessage message) {
        return ledger().submit(SignedOperation.of(message, new LedgerOperation.Revoke(message)));
    }
}
