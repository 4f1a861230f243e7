package org.usedecentral.spi.inference;

/**
 * Tokens used by a generation, summed over its choices.
 *
 * @param inputTokens of the prompt, counted once
 * @param outputTokens generated, reasoning included
 * @param cachedInputTokens of the prompt that came from a prefix cache
 * @param reasoningTokens of the output that were reasoning
 */
public record Usage(int inputTokens, int outputTokens, int cachedInputTokens, int reasoningTokens) {
    public Usage {
        if (inputTokens < 0 || outputTokens < 0 || cachedInputTokens < 0 || reasoningTokens < 0) {
            throw new IllegalArgumentException("negative token count");
        }
    }

    public Usage(int inputTokens, int outputTokens) {
        this(inputTokens, outputTokens, 0, 0);
    }

    public int totalTokens() {
        return inputTokens + outputTokens;
    }
}
