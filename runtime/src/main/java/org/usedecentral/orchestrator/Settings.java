package org.usedecentral.orchestrator;

import java.time.Duration;
import java.util.Map;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.TokenPrices;

/**
 * What an operator may set of an orchestrator.
 *
 * @param maxJobs running at once
 */
public record Settings(Timeouts timeouts, Ceilings ceilings, LinkLimits link, int defaultOutputTokens, int maxJobs) {
    /** 8 s to start, 20 s without a token, 120 s a job. */
    public static final Settings DEFAULT = new Settings(
            new Timeouts(Duration.ofSeconds(8), Duration.ofSeconds(20), Duration.ofSeconds(2), Duration.ofSeconds(120)),
            new Ceilings(Map.of(), new TokenPrices(1_000_000, 3_000_000)),
            LinkLimits.DEFAULT,
            1024,
            4096);

    /**
     * How long is waited.
     *
     * @param start for the first token of an attempt
     * @param stall for a next token
     * @param commit before a client is told that its job runs, token or not
     * @param job from lock to refund
     */
    public record Timeouts(Duration start, Duration stall, Duration commit, Duration job) {}

    /** The most a model may cost, base units per million tokens. */
    public record Ceilings(Map<ModelId, TokenPrices> models, TokenPrices otherwise) {
        public Ceilings {
            models = Map.copyOf(models);
        }
    }

    Pricing pricing() {
        return new Pricing(ceilings.models(), ceilings.otherwise(), defaultOutputTokens);
    }
}
