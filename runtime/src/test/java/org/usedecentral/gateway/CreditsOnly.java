package org.usedecentral.gateway;

import java.time.Instant;
import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.ledger.LedgerEvents;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.WorkerAccounts;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.WriteId;

/** A ledger that knows balances and nothing else. */
final class CreditsOnly implements SettlementLedger, CreditAccounts {
    @Override
    public LedgerId id() {
        return new LedgerId(Bytes.zeros(32));
    }

    @Override
    public CreditAccounts credits() {
        return this;
    }

    @Override
    public Balance balance(Account account) {
        return new Balance(900, 80, 7, 3);
    }

    @Override
    public Parameters parameters() {
        return Parameters.DEFAULT;
    }

    @Override
    public String name() {
        return "credits-only";
    }

    @Override
    public String type() {
        return "credits-only";
    }

    @Override
    public Instant time() {
        throw refused();
    }

    @Override
    public Escrows escrows() {
        throw refused();
    }

    @Override
    public WorkerAccounts workers() {
        throw refused();
    }

    @Override
    public LedgerEvents events(long afterPosition) {
        throw refused();
    }

    @Override
    public Optional<Approval> approval(Account payer, Account spender) {
        throw refused();
    }

    @Override
    public Committed deposit(WriteId write, Signer operator, Deposit deposit) {
        throw refused();
    }

    @Override
    public Committed withdraw(SignedMessage message) {
        throw refused();
    }

    @Override
    public Committed approve(SignedMessage message) {
        throw refused();
    }

    @Override
    public Committed revoke(SignedMessage message) {
        throw refused();
    }

    private static DecentralException refused() {
        return DecentralException.unsupported("a ledger beyond balances");
    }
}
