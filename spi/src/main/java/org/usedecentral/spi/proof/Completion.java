package org.usedecentral.spi.proof;

import java.util.List;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.Usage;

/**
 * How a generation ended.
 *
 * @param reasons one a choice
 * @param price what the attempt costs, base units
 */
public record Completion(List<FinishReason> reasons, Usage usage, long price) {
    public Completion {
        reasons = List.copyOf(reasons);
    }
}
