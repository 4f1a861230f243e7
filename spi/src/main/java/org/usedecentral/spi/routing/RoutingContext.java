package org.usedecentral.spi.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ModelId;

/** The job to be routed, as policies see it. Made by the runtime; grows by accessors. Immutable. */
public interface RoutingContext {
    ModelId model();

    /** An estimate. */
    int inputTokens();

    /** Over all choices. */
    int maxOutputTokens();

    /** Until generation must stop. */
    Duration timeLeft();

    /** Workers that were tried for this job. */
    Set<Account> excluded();

    Instant now();
}
