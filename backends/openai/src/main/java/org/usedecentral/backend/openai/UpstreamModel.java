package org.usedecentral.backend.openai;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;

/**
 * A model as the operator configured it; what is empty is asked of the server, or assumed.
 *
 * @param upstream the server's name for it
 * @param digest SHA-256 of the weights, if the operator vouches for them
 */
record UpstreamModel(
        ModelId id, String upstream, Limits limits, Optional<Set<Feature>> features, Optional<Bytes> digest) {
    /** Tokens; {@code templateOverhead} as in {@link org.usedecentral.spi.inference.ModelLimits}. */
    record Limits(OptionalInt context, OptionalInt maxOutput, OptionalInt templateOverhead) {
        static final Limits UNKNOWN = new Limits(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
    }
}
