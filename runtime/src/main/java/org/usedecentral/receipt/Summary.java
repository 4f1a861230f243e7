package org.usedecentral.receipt;

import java.time.Instant;
import java.util.Optional;
import org.usedecentral.spi.ModelId;

/**
 * What a person reads of a job; the verifier holds it against the signed structures.
 *
 * @param price base units. While the job is pending or settled and has a statement, tokens and price are those of the last one;
 *     otherwise tokens lie within the terms and the price is at most what the vouchers add up to
 * @param split of the price, once the ledger made it
 */
public record Summary(String model, Tokens tokens, long price, Times times, Optional<Split> split) {
    public Summary {
        model = new ModelId(model).value();
        if (price < 0) {
            throw new IllegalArgumentException("a price is not negative");
        }
    }

    /** Tokens that are billed. */
    public record Tokens(int input, int output) {
        public Tokens {
            if (input < 0 || output < 0) {
                throw new IllegalArgumentException("a token count is not negative");
            }
        }
    }

    /** When the gateway took the job and when its last event came, by the gateway's clock. */
    public record Times(Instant created, Instant finished) {
        public Times {
            if (finished.isBefore(created)) {
                throw new IllegalArgumentException("a job does not finish before it was created");
            }
        }
    }
}
