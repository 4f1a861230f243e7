package org.usedecentral.testkit.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.testkit.TurnableClock;

/** A job for tests of policies. */
public record MadeUpJob(int inputTokens, int maxOutputTokens, Duration timeLeft) implements RoutingContext {
    /** 500 tokens in, at most 500 out, within 100 seconds. */
    public static final MadeUpJob ORDINARY = new MadeUpJob(500, 500, Duration.ofSeconds(100));

    @Override
    public ModelId model() {
        return new ModelId("m");
    }

    @Override
    public Set<Account> excluded() {
        return Set.of();
    }

    @Override
    public Instant now() {
        return TurnableClock.START;
    }
}
