package org.usedecentral.backend.llamacpp;

import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.TokenInfo;

/**
 * Log probabilities: the natural logarithm of the softmax of the logits as the model gave them, before temperature,
 * penalties, bias, cuts and grammar. The loop's own.
 */
final class TokenScores {
    private final Vocabulary vocabulary;
    private final int alternatives;
    private final int[] best;
    private int count;
    private float[] raw = {};
    private double normaliser;

    TokenScores(Vocabulary vocabulary, int alternatives) {
        this.vocabulary = vocabulary;
        this.alternatives = Math.min(alternatives, vocabulary.size());
        this.best = new int[this.alternatives];
    }

    /** Looks at the logits before anything changes them. */
    void read(Sampler.Scratch scratch) {
        raw = scratch.raw();
        System.arraycopy(scratch.logits, 0, raw, 0, raw.length);
        float peak = Float.NEGATIVE_INFINITY;
        for (float logit : raw) {
            // NaN is never greater.
            peak = logit > peak ? logit : peak;
        }
        double total = 0;
        for (float logit : raw) {
            if (logit > Float.NEGATIVE_INFINITY) {
                total += Math.exp((double) logit - peak);
            }
        }
        normaliser = peak + Math.log(total);
        count = alternatives == 0 ? 0 : scratch.selectTop(raw, alternatives);
        System.arraycopy(scratch.order, 0, best, 0, count);
    }

    /** The token that was chosen from those logits. */
    TokenInfo info(int token) {
        List<TokenInfo> others = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            if (raw[best[i]] > Float.NEGATIVE_INFINITY) {
                others.add(info(best[i], List.of()));
            }
        }
        return info(token, others);
    }

    private TokenInfo info(int token, List<TokenInfo> others) {
        double logProbability = Math.min(0, raw[token] - normaliser);
        return new TokenInfo(token, Bytes.of(vocabulary.piece(token)), logProbability, others);
    }
}
