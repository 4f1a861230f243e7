package org.usedecentral.worker;

import java.util.Map;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.TokenPrices;

/**
 * What an operator may set of a worker.
 *
 * @param prices for models that have their own
 * @param otherwise for every other model
 * @param region where the worker is; empty: not said
 */
public record WorkerSettings(Map<ModelId, TokenPrices> prices, TokenPrices otherwise, String region) {
    /** Prices at which no share of a job with a chat template's twenty tokens rounds to nothing. */
    public static final WorkerSettings DEFAULT =
            new WorkerSettings(Map.of(), new TokenPrices(1_000_000, 3_000_000), "");

    public WorkerSettings {
        prices = Map.copyOf(prices);
    }

    TokenPrices price(ModelId model) {
        return prices.getOrDefault(model, otherwise);
    }
}
