package org.usedecentral.backend.llamacpp;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One admitted request. The loop's own, but for the stream and {@link #release}, which the reader's side also reaches.
 */
final class Sequence {
    private final AtomicBoolean released = new AtomicBoolean();
    private final int slot;
    private final Prompt prompt;
    private final Sampler sampler;
    private final TextAssembler text;
    private final LlamaStream stream;

    /** Tokens of the prompt that are in the KV cache. */
    int prefilled;
    /** Tokens in the KV cache, which is the position of the next one. */
    int position;
    /** The token to be decoded next, once the prompt is in. */
    int lastToken;

    int generated;
    /** Tokens generated since the last event. */
    int undelivered;

    /** What is admitted: at least one token, and as many more as the context has room for. */
    static final class Prompt {
        private final int[] tokens;
        private final int maxTokens;

        Prompt(int[] tokens, int maxTokens) {
            this.tokens = tokens;
            this.maxTokens = maxTokens;
        }
    }

    Sequence(int slot, Prompt prompt, Sampler sampler, TextAssembler text, BatchLoop loop) {
        this.slot = slot;
        this.prompt = prompt;
        this.sampler = sampler;
        this.text = text;
        this.stream = new LlamaStream(prompt.tokens.length, () -> loop.cancel(this), loop::wake);
    }

    int slot() {
        return slot;
    }

    int[] promptTokens() {
        return prompt.tokens;
    }

    int maxTokens() {
        return prompt.maxTokens;
    }

    Sampler sampler() {
        return sampler;
    }

    TextAssembler text() {
        return text;
    }

    LlamaStream stream() {
        return stream;
    }

    boolean prefilling() {
        return prefilled < prompt.tokens.length;
    }

    /** True for the one caller that ends this sequence: it gives the slot back. Any thread. */
    boolean release() {
        return released.compareAndSet(false, true);
    }

    boolean isReleased() {
        return released.get();
    }
}
