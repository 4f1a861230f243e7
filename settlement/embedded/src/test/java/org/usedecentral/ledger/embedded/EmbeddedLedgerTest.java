package org.usedecentral.ledger.embedded;

import org.usedecentral.testkit.ledger.LedgerFixture;
import org.usedecentral.testkit.ledger.SettlementLedgerContract;

/** The rules of every ledger; after each test the journal is audited. */
final class EmbeddedLedgerTest implements SettlementLedgerContract {
    @Override
    public LedgerFixture fixture() {
        return new EmbeddedFixture();
    }
}
