package org.usedecentral.testkit.ledger;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.testkit.TurnableClock;

/** Ledgers in memory. */
public final class InMemoryFixture implements LedgerFixture {
    private final Set<Rule> off;

    public InMemoryFixture() {
        this(Set.of());
    }

    /** Ledgers without some of their rules. */
    InMemoryFixture(Set<Rule> off) {
        this.off = Set.copyOf(off);
    }

    @Override
    public SettlementLedger open(TurnableClock clock) {
        InMemoryLedger ledger =
                new InMemoryLedger(InMemoryLedger.Setup.of(operator().account()), Ed25519::verify, off);
        ledger.start(context(clock, this));
        return ledger;
    }

    @Override
    public SettlementLedger restart(SettlementLedger ledger, TurnableClock clock, Duration downtime) {
        ledger.close();
        clock.advance(downtime);
        ledger.start(context(clock, this));
        return ledger;
    }

    /** What a ledger that needs no files is started with. */
    static LedgerContext context(TurnableClock clock, LedgerFixture fixture) {
        return new LedgerContext(clock, Path.of("unused"), fixture.proofScheme(), fixture.operator());
    }

    @Override
    public Signer operator() {
        return signer("operator");
    }

    @Override
    public Account treasury() {
        return operator().account();
    }

    @Override
    public void close() {}
}
