package org.usedecentral.testkit;

import org.usedecentral.testkit.ledger.InMemoryFixture;
import org.usedecentral.testkit.ledger.LedgerFixture;
import org.usedecentral.testkit.ledger.SettlementLedgerContract;

/** The reference engine keeps the contract; from another package, as every engine's test is. */
final class InMemoryLedgerTest implements SettlementLedgerContract {
    @Override
    public LedgerFixture fixture() {
        return new InMemoryFixture();
    }
}
