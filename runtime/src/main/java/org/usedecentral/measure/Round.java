package org.usedecentral.measure;

/** What one round showed. */
public sealed interface Round {
    /** Memory of the engine's process at the end of the round, or what hides it. */
    ProcessMeter.Use memory();

    /**
     * Text was generated.
     *
     * @param prefill in the part of the round that asks for one token a stream
     * @param decode in the part that asks for many, while every stream decodes
     * @param timeToFirst of the many-token part's streams
     * @param gaps between tokens, over all streams
     * @param outputTokens of that part
     */
    record Generation(
            Stretch prefill,
            Stretch decode,
            Percentiles timeToFirst,
            Percentiles gaps,
            long outputTokens,
            ProcessMeter.Use memory)
            implements Round {}

    /** Texts were embedded: the same stretch in embeddings and in tokens, and how long a call took. */
    record Embedding(Stretch embeddings, Stretch tokens, Percentiles calls, ProcessMeter.Use memory) implements Round {}
}
