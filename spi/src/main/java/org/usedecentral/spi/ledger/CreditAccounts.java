package org.usedecentral.spi.ledger;

import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.WriteId;

/** Credits: who has how much, and who may spend it. */
public interface CreditAccounts {
    /** Zeros for an account the ledger has not seen. */
    Balance balance(Account account);

    Optional<Approval> approval(Account payer, Account spender);

    /**
     * Credits an account; {@code FORBIDDEN} unless the signer is the operator, {@code CONFLICT} if the reference was used.
     */
    Committed deposit(WriteId write, Signer operator, Deposit deposit);

    /**
     * What a deposit credits.
     *
     * @param amount base units
     * @param reference names the payment outside, once
     */
    record Deposit(Account account, long amount, String reference) {}

    /** Takes free credits out, as the account's own message says. */
    Committed withdraw(SignedMessage message);

    /** Lets a spender lock credits; replaces an earlier approval but for what was spent. */
    Committed approve(SignedMessage message);

    /** Ends an approval for new locks. */
    Committed revoke(SignedMessage message);
}
