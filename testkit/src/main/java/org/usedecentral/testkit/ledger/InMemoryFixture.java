package org.usedecentral.testkit.ledger;

import java.nio.file.Path;
import java.time.Duration;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.testkit.TurnableClock;

/** Ledgers in memory. */
public final class InMemoryFixture implements LedgerFixture {
    @Override
    public SettlementLedger open(TurnableClock clock) {
        InMemoryLedger ledger =
                new InMemoryLedger(InMemoryLedger.Setup.of(operator().account()));
        ledger.start(context(clock));
        return ledger;
    }

    @Override
    public SettlementLedger restart(SettlementLedger ledger, TurnableClock clock, Duration downtime) {
        ledger.close();
        clock.advance(downtime);
        ledger.start(context(clock));
        return ledger;
    }

    private LedgerContext context(TurnableClock clock) {
        return new LedgerContext(clock, Path.of("unused"), proofScheme(), operator());
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
