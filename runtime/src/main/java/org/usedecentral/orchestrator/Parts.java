package org.usedecentral.orchestrator;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.time.Timers;

/** What an orchestrator is made of. Everything in it is thread-safe. */
public interface Parts {
    /** The node's key: signs links, vouchers, ledger writes, receipts. */
    Signer signer();

    /** The key that payers approve to lock credits. */
    Signer spender();

    SettlementLedger ledger();

    ProofScheme proofScheme();

    List<WeighedPolicy> policies();

    Timers timers();

    SecureRandom random();

    /** Where outbox and receipts are kept. */
    Path directory();

    Settings settings();

    default Instant now() {
        return timers().clock().instant();
    }

    default Bytes random32() {
        byte[] bytes = new byte[32];
        random().nextBytes(bytes);
        return Bytes.of(bytes);
    }

    /** A policy and how much its score counts. */
    record WeighedPolicy(RoutingPolicy policy, double weight) {}
}
