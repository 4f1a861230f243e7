package org.usedecentral.testkit.ledger;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rules of docs/protocol.md, section 6, as tests: every condition once kept and once broken, to the second and the base unit. An
 * engine's test class implements this interface and {@link #fixture}, no more:
 *
 * <pre>{@code
 * final class EmbeddedLedgerTest implements SettlementLedgerContract {
 *     @Override
 *     public LedgerFixture fixture() {
 *         return new EmbeddedFixture();
 *     }
 * }
 * }</pre>
 */
@ExtendWith(StageResolver.class)
public interface SettlementLedgerContract
        extends CreditContract,
                ApprovalContract,
                LockContract,
                SettleContract,
                ClaimContract,
                ClosingContract,
                WorkerContract,
                WriteContract,
                ReadContract {
    /** A new fixture, for one test. */
    LedgerFixture fixture();
}
