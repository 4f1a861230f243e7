package org.usedecentral.ledger.embedded;

import java.util.List;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.WriteId;

/** Credits: signs what is asked for and submits it. Thread-safe. */
record EmbeddedCredits(EmbeddedLedger ledger) implements CreditAccounts {
    @Override
    public Balance balance(Account account) {
        return ledger.read(store -> store.balance(account));
    }

    @Override
    public Optional<Approval> approval(Account payer, Account spender) {
        return ledger.read(store -> Optional.ofNullable(store.approval(payer, spender)));
    }

    @Override
    public Committed deposit(WriteId write, Signer operator, Deposit deposit) {
        return ledger.submit(SignedOperation.of(
                ledger.id(),
                write,
                new LedgerOperation.Deposit(deposit.account(), deposit.amount(), deposit.reference()),
                operator));
    }

    @Override
    public Committed withdraw(SignedMessage message) {
        return submit(message, new LedgerOperation.Withdraw(message));
    }

    @Override
    public Committed approve(SignedMessage message) {
        return submit(message, new LedgerOperation.Approve(message));
    }

    @Override
    public Committed revoke(SignedMessage message) {
        return submit(message, new LedgerOperation.Revoke(message));
    }

    private Committed submit(SignedMessage message, LedgerOperation operation) {
        return ledger.submit(new SignedOperation(message.message().writeId(), operation.encode(), List.of()));
    }
}
