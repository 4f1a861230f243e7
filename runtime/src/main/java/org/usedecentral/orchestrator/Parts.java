package org.usedecentral.orchestrator;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import org.usedecentral.link.NodeParts;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.routing.RoutingPolicy;

/** What an orchestrator is made of. Everything in it is thread-safe. */
public interface Parts extends NodeParts {
    /** The node's key: signs links, vouchers, ledger writes, receipts. */
    Signer signer();

    /** The key that payers approve to lock credits. */
    Signer spender();

    List<WeighedPolicy> policies();

    Settings settings();

    /** Where meters go. */
    MeterRegistry meters();

    default Instant now() {
        return timers().clock().instant();
    }

    /** A policy and how much its score counts. */
    record WeighedPolicy(RoutingPolicy policy, double weight) {}
}
