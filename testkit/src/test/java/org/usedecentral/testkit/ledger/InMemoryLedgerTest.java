package org.usedecentral.testkit.ledger;

/** The reference engine keeps the contract. */
final class InMemoryLedgerTest implements SettlementLedgerContract {
    @Override
    public LedgerFixture fixture() {
        return new InMemoryFixture();
    }
}
