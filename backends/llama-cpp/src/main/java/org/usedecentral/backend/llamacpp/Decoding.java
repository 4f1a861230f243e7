package org.usedecentral.backend.llamacpp;

import java.util.concurrent.ThreadLocalRandom;
import org.usedecentral.spi.inference.GenerationRequest;

/** What a request asks of decoding, checked once; it makes the {@link Answer} of each choice. Immutable. */
final class Decoding {
    private final GenerationRequest request;
    private final Vocabulary vocabulary;
    private final long seed;

    private Decoding(GenerationRequest request, Vocabulary vocabulary) {
        this.request = request;
        this.vocabulary = vocabulary;
        this.seed = request.sampling()
                .seed()
                .orElseGet(() -> ThreadLocalRandom.current().nextLong());
    }

    static Decoding of(GenerationRequest request, Vocabulary vocabulary) {
        return new Decoding(request, vocabulary);
    }

    /** The answer number {@code choice} of at most {@code maxTokens} tokens, at least 1; each draws its own numbers. */
    Answer answer(int choice, int maxTokens) {
        return new Answer(
                choice, maxTokens, vocabulary, new Sampler(request.sampling(), seed + choice), request.stop());
    }
}
