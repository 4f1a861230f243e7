package org.usedecentral.testkit.ledger;

import java.time.Duration;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.testkit.TurnableClock;

/**
 * One empty ledger for one test, or one schedule: how {@link SettlementLedgerContract} and random schedules reach an engine.
 * Implemented by the engine's tests; used by one thread, but for the ledger itself.
 */
public interface LedgerFixture extends AutoCloseable {
    /** The ledger, new and started, with {@link org.usedecentral.spi.ledger.Parameters#DEFAULT}. Called once. */
    SettlementLedger open(TurnableClock clock);

    /**
     * Ends the ledger in order (it is up until the clock's present time), turns the clock on by {@code downtime}, and starts it on what
     * it had written. The answer replaces {@code ledger}.
     */
    SettlementLedger restart(SettlementLedger ledger, TurnableClock clock, Duration downtime);

    /** Who signs deposits. */
    Signer operator();

    /** The account that has what is left of a price after its shares. */
    Account treasury();

    /** What verifies statements: the ledger must be started with it. */
    default ProofScheme proofScheme() {
        return new StatementScheme();
    }

    /** A party's signer: the same for the same name. */
    default Signer signer(String name) {
        return Ed25519.fromSeed(Sha256.of(Bytes.utf8("test party " + name)));
    }

    /** Closes the ledger, if it is open, and removes its files. */
    @Override
    void close();
}
