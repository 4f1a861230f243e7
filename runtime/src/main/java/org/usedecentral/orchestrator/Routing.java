package org.usedecentral.orchestrator;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.routing.RoutingContext;

/**
 * What is routed.
 *
 * @param bound of tokens; the input's is an estimate from above
 */
record Routing(GenerationRequest request, Pricing.Bound bound, TokenPrices ceiling, Set<Account> excluded, Span span)
        implements RoutingContext {
    /** Now, and how long generation may go on. */
    record Span(Instant now, Duration timeLeft) {}

    Routing {
        excluded = Set.copyOf(excluded);
    }

    @Override
    public ModelId model() {
        return request.model();
    }

    @Override
    public int inputTokens() {
        return bound.inputCap();
    }

    @Override
    public int maxOutputTokens() {
        return bound.outputCap();
    }

    @Override
    public Duration timeLeft() {
        return span.timeLeft();
    }

    @Override
    public Instant now() {
        return span.now();
    }
}
