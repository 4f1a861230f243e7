package org.usedecentral.spi.inference;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;

/**
 * A model as one backend runs it.
 *
 * @param digest SHA-256 of the weights; null when they cannot be seen, as behind an upstream server
 * @param quantisation such as {@code Q4_1}; empty when unknown
 */
public record ModelCard(
        ModelId id, @Nullable Bytes digest, ModelLimits limits, String quantisation, Set<Feature> features) {
    public ModelCard {
        features = Set.copyOf(features);
        if (digest != null && digest.length() != 32) {
            throw new IllegalArgumentException("a model digest has 32 bytes, not " + digest.length());
        }
    }
}
