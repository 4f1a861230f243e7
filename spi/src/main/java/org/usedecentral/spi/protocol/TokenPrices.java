package org.usedecentral.spi.protocol;

import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * Prices in base units (1e-6 USDC) per million tokens.
 *
 * @param input for a million input tokens, below 2^36
 * @param output for a million output tokens, below 2^36
 */
public record TokenPrices(long input, long output) {
    private static final long LIMIT = 1L << 36;
    private static final long MILLION = 1_000_000;

    public TokenPrices {
        if (input < 0 || input >= LIMIT || output < 0 || output >= LIMIT) {
            throw DecentralException.invalid("prices", "prices must lie in 0 … 2^36 - 1 base units per million tokens");
        }
    }

    /**
     * ⌈(input·pIn + output·pOut) / 10⁶⌉ base units (docs/protocol.md, section 2).
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the sum before the division does not fit 63 bits
     */
    public long cost(int inputTokens, int outputTokens) {
        if (inputTokens < 0 || outputTokens < 0) {
            throw DecentralException.invalid("tokens", "token counts must not be negative");
        }
        try {
            long sum = Math.addExact(Math.multiplyExact(inputTokens, input), Math.multiplyExact(outputTokens, output));
            return sum / MILLION + (sum % MILLION == 0 ? 0 : 1);
        } catch (ArithmeticException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "the amount does not fit 63 bits", e);
        }
    }

    /** True when neither price is above {@code ceiling}. */
    public boolean within(TokenPrices ceiling) {
        return input <= ceiling.input && output <= ceiling.output;
    }
}
