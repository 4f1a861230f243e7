package org.usedecentral.orchestrator;

import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.protocol.TokenPrices;

/**
 * A model that can be asked for now.
 *
 * @param ceiling the most it may cost
 * @param limits the widest of its workers
 * @param workers how many host it
 */
public record ModelOffer(ModelId id, TokenPrices ceiling, ModelLimits limits, int workers) {}
