package org.usedecentral.measure;

/**
 * What one round asks of an engine.
 *
 * @param streams requests at once
 * @param outputTokens of one request
 * @param promptTokens of one request, roughly: the engine's own count is what is measured by
 * @param mixed prompts and outputs of different lengths, from a quarter of the tokens to all of them
 */
public record Workload(int streams, int outputTokens, int promptTokens, boolean mixed) {
    /** The most requests at once. */
    public static final int MOST_STREAMS = 256;

    /** The most tokens of a prompt or an output. */
    public static final int MOST_TOKENS = 1 << 16;

    public Workload {
        within("streams", streams, MOST_STREAMS);
        within("output tokens", outputTokens, MOST_TOKENS);
        within("prompt tokens", promptTokens, MOST_TOKENS);
    }

    private static void within(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " must lie in 1 … " + most + ", not " + value);
        }
    }

    /** The output tokens of one stream. */
    int outputTokens(int stream) {
        return mixed ? share(outputTokens, stream) : outputTokens;
    }

    /** The prompt tokens of one stream; long prompts do not go with long outputs. */
    int promptTokens(int stream) {
        return mixed ? share(promptTokens, 3 - stream % 4 + (stream / 4) % 2) : promptTokens;
    }

    private static int share(int tokens, int stream) {
        return Math.max(1, tokens * (stream % 4 + 1) / 4);
    }
}
