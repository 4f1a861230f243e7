package org.usedecentral.backend.llamacpp;

import java.util.Arrays;

/**
 * What the KV cache of each slot still holds of prompts that have ended, so that a prompt which begins alike need not be
 * computed from its first token. Only whole chunks are kept, and only what was computed as a prompt: prompts are always
 * cut at the same places, so a kept chunk is bit for bit what computing it again would give, and a cache that helps
 * changes no token. The least recently used slot is the first to be overwritten. The loop's own, but for {@link #use}.
 */
final class PrefixCache {
    private static final int[] NOTHING = {};

    private final int[][] tokens;
    private final long[] lastUsed;
    private final int chunk;
    private final boolean enabled;
    private long clock;
    private volatile Use use = new Use(0, 0, 0, 0);

    /**
     * How well the cache has served.
     *
     * @param prompts how many were computed
     * @param hits how many of them found a beginning of theirs
     * @param promptTokens tokens of all prompts
     * @param cachedTokens how many of those were there already
     */
    record Use(long prompts, long hits, long promptTokens, long cachedTokens) {
        private Use plus(int length, int cached) {
            return new Use(prompts + 1, hits + (cached > 0 ? 1 : 0), promptTokens + length, cachedTokens + cached);
        }

        /** The share of prompt tokens that did not have to be computed, 0 … 1. */
        double hitRate() {
            return promptTokens == 0 ? 0 : (double) cachedTokens / promptTokens;
        }
    }

    /** A cache of {@code slots} slots that keeps multiples of {@code chunk} tokens; if not {@code enabled}, none. */
    PrefixCache(int slots, int chunk, boolean enabled) {
        this.tokens = new int[slots][];
        Arrays.fill(tokens, NOTHING);
        this.lastUsed = new long[slots];
        this.chunk = chunk;
        this.enabled = enabled;
    }

    /**
     * The best slot to compute {@code prompt} in: the one that saves most, among equals the one that is least missed.
     *
     * @param limit how many tokens may come from the cache
     * @param free by slot, at least one of them true
     */
    int choose(int[] prompt, int limit, boolean[] free) {
        int best = -1;
        for (int slot = 0; slot < free.length; slot++) {
            if (free[slot] && (best < 0 || isBetter(slot, best, prompt, limit))) {
                best = slot;
            }
        }
        return best;
    }

    private boolean isBetter(int slot, int other, int[] prompt, int limit) {
        int saved = shared(slot, prompt, limit);
        int otherSaved = shared(other, prompt, limit);
        if (saved != otherSaved) {
            return saved > otherSaved;
        }
        int lost = tokens[slot].length - saved;
        int otherLost = tokens[other].length - saved;
        return (lost == 0 || otherLost == 0) ? lost < otherLost : lastUsed[slot] < lastUsed[other];
    }

    /**
     * How many tokens of {@code prompt} the slot can begin with, of the first {@code limit}; at least the last one is
     * left, for its logits.
     */
    int shared(int slot, int[] prompt, int limit) {
        int most = Math.min(Math.min(tokens[slot].length, limit), prompt.length - 1);
        int different = Arrays.mismatch(tokens[slot], 0, Math.max(0, most), prompt, 0, Math.max(0, most));
        int same = different < 0 ? most : different;
        return Math.max(0, same) / chunk * chunk;
    }

    /** Notes that {@code prompt} begins in {@code slot} with {@code cached} tokens there. */
    void begin(int slot, int[] prompt, int cached) {
        tokens[slot] = NOTHING;
        use = use.plus(prompt.length, cached);
    }

    /** The slot is about to be overwritten. */
    void forget(int slot) {
        tokens[slot] = NOTHING;
    }

    /** Keeps of {@code prompt}, of which {@code computed} tokens are in the slot, what may be kept; says how many. */
    int keep(int slot, int[] prompt, int computed) {
        int kept = enabled ? Math.min(prompt.length, computed) / chunk * chunk : 0;
        tokens[slot] = kept == 0 ? NOTHING : kept == prompt.length ? prompt : Arrays.copyOf(prompt, kept);
        lastUsed[slot] = ++clock;
        return kept;
    }

    /** Any thread. */
    Use use() {
        return use;
    }
}
