package org.usedecentral.spi.inference;

/**
 * What a file of weights says of itself.
 *
 * @param format such as {@code gguf}
 * @param family the architecture, such as {@code llama}; empty when unknown
 * @param quantisation such as {@code Q4_1}; empty when unknown
 * @param contextTokens the longest context it was trained for; 0 when unknown
 * @param cacheBytesPerToken of the KV cache; 0 when unknown
 */
public record WeightsInfo(
        String format, String family, String quantisation, int contextTokens, long cacheBytesPerToken) {}
