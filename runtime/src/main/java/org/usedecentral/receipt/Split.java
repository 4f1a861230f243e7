package org.usedecentral.receipt;

import java.time.Instant;
import java.util.Optional;

/**
 * Who got what of the price, base units; the three add up to it.
 *
 * @param heldUntil when an unstaked worker's share is released
 */
public record Split(long worker, long orchestrator, long treasury, Optional<Instant> heldUntil) {
    public Split {
        if (worker < 0 || orchestrator < 0 || treasury < 0) {
            throw new IllegalArgumentException("a share is not negative");
        }
    }
}
