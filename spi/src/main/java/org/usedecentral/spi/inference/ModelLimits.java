package org.usedecentral.spi.inference;

/**
 * How much a model takes and gives.
 *
 * @param contextTokens input and output of one request together
 * @param maxOutputTokens of one choice
 * @param templateOverheadTokens the most the chat template adds to a conversation beside 8 tokens a message
 */
public record ModelLimits(int contextTokens, int maxOutputTokens, int templateOverheadTokens) {
    public ModelLimits {
        if (contextTokens < 1 || maxOutputTokens < 1 || templateOverheadTokens < 0) {
            throw new IllegalArgumentException("model limits must be positive");
        }
    }
}
