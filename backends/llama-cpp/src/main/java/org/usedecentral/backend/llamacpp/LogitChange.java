package org.usedecentral.backend.llamacpp;

import java.util.Arrays;
import java.util.Map;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Sampling;

/**
 * What is added to logits before a token is chosen: the bias of given tokens, and the penalties of those that this answer
 * has already. As OpenAI defines them, presence counts once and frequency each time, and the prompt does not count. The
 * loop's own.
 */
final class LogitChange {
    /** OpenAI's range; the ends of it ban or force a token. */
    private static final double MOST = 100;

    private final float presence;
    private final float frequency;
    private final int[] biased;
    private final float[] biases;
    private final int[] counts;
    private int[] generated = new int[64];
    private int distinct;

    private LogitChange(Sampling sampling, int vocabulary) {
        this.presence = (float) sampling.presencePenalty();
        this.frequency = (float) sampling.frequencyPenalty();
        this.counts = new int[penalises(sampling) ? vocabulary : 0];
        this.biased = new int[sampling.logitBias().size()];
        this.biases = new float[biased.length];
        int i = 0;
        for (Map.Entry<Integer, Double> entry : sampling.logitBias().entrySet()) {
            biased[i] = entry.getKey();
            biases[i++] = entry.getValue().floatValue();
        }
    }

    private static boolean penalises(Sampling sampling) {
        return sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0;
    }

    /** Throws {@code INVALID_REQUEST} where a bias is of no token or out of range. */
    static void check(Sampling sampling, int vocabulary) {
        sampling.logitBias().forEach((token, bias) -> {
            if (token < 0 || token >= vocabulary) {
                throw DecentralException.invalid(
                        "logit_bias",
                        "logit_bias names token " + token + "; the model's go from 0 to " + (vocabulary - 1));
            }
            if (!(Math.abs(bias) <= MOST)) {
                throw DecentralException.invalid(
                        "logit_bias", "logit_bias of token " + token + " must lie in -100 … 100");
            }
        });
    }

    /** True if the sampling changes logits at all. */
    static boolean isNeeded(Sampling sampling) {
        return penalises(sampling) || !sampling.logitBias().isEmpty();
    }

    /** For one answer; the sampling was checked. */
    static LogitChange of(Sampling sampling, int vocabulary) {
        return new LogitChange(sampling, vocabulary);
    }

    void apply(float[] logits) {
        for (int i = 0; i < biased.length; i++) {
            logits[biased[i]] += biases[i];
        }
        for (int i = 0; i < distinct; i++) {
            int token = generated[i];
            logits[token] -= presence + frequency * counts[token];
        }
    }

    /** Counts a token of the answer. */
    void count(int token) {
        if (counts.length > 0 && counts[token]++ == 0) {
            if (distinct == generated.length) {
                generated = Arrays.copyOf(generated, 2 * distinct);
            }
            generated[distinct++] = token;
        }
    }
}
