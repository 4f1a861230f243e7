package org.usedecentral.link;

import org.usedecentral.spi.protocol.TokenPrices;

/**
 * What an attempt costs so far (docs/protocol.md, section 4): both ends compute it and must agree.
 *
 * @param prices of the advert the payload was sealed to
 * @param inputCap the most input tokens that are billed
 * @param budget the most it may cost, base units
 */
public record AttemptPrice(TokenPrices prices, int inputCap, long budget) {
    /** Input tokens that are billed. */
    public int billedInput(int inputTokens) {
        return Math.min(inputTokens, inputCap);
    }

    /** Base units; 0 before the first output token. */
    public long of(int inputTokens, int outputTokens) {
        return outputTokens == 0 ? 0 : Math.min(prices.cost(billedInput(inputTokens), outputTokens), budget);
    }
}
