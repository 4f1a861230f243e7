package org.usedecentral.ledger.embedded;

import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.SubmittedCredits;

/** Credits: signs what is asked for and submits it. Thread-safe. */
record EmbeddedCredits(EmbeddedLedger ledger) implements SubmittedCredits {
    @Override
    public Balance balance(Account account) {
        return ledger.read(store -> store.balance(account));
    }

    @Override
    public Optional<Approval> approval(Account payer, Account spender) {
        return ledger.read(store -> Optional.ofNullable(store.approval(payer, spender)));
    }
}
