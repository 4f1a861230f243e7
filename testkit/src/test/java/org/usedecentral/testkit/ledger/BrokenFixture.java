package org.usedecentral.testkit.ledger;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Parameters;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.testkit.TurnableClock;

/**
 * Ledgers in memory without some of their rules. They end by dying, and sign with hashes, which anyone could forge but nobody does here:
 * a hundred times as many schedules fit into a second.
 */
final class BrokenFixture implements LedgerFixture {
    private final Set<Rule> off;

    BrokenFixture(Set<Rule> off) {
        this.off = EnumSet.copyOf(off);
    }

    /** With every rule on. */
    BrokenFixture() {
        this.off = EnumSet.noneOf(Rule.class);
    }

    @Override
    public SettlementLedger open(TurnableClock clock) {
        Account operator = operator().account();
        InMemoryLedger ledger = new InMemoryLedger(
                new InMemoryLedger.Setup(
                        LedgerId.embedded(operator, Bytes.zeros(32)), operator, treasury(), Parameters.DEFAULT),
                BrokenFixture::verify,
                off);
        ledger.start(InMemoryFixture.context(clock, this));
        return ledger;
    }

    @Override
    public SettlementLedger restart(SettlementLedger ledger, TurnableClock clock, Duration downtime) {
        ((InMemoryLedger) ledger).die();
        clock.advance(downtime);
        ledger.start(InMemoryFixture.context(clock, this));
        return ledger;
    }

    @Override
    public Signer operator() {
        return signer("operator");
    }

    @Override
    public Account treasury() {
        return signer("treasury").account();
    }

    @Override
    public ProofScheme proofScheme() {
        return new StatementScheme(BrokenFixture::verify);
    }

    @Override
    public Signer signer(String name) {
        return new HashSigner(new Account(Sha256.of(Bytes.utf8(name))));
    }

    @Override
    public void close() {}

    private static boolean verify(Account account, Bytes message, Bytes signature) {
        return sign(account, message).equals(signature);
    }

    private static Bytes sign(Account account, Bytes message) {
        Bytes half = Sha256.of(account.key(), message);
        return Bytes.concat(half, half);
    }

    private record HashSigner(Account account) implements Signer {
        @Override
        public Bytes sign(Bytes message) {
            return BrokenFixture.sign(account, message);
        }
    }
}
