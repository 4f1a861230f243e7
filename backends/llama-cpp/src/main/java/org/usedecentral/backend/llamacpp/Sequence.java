package org.usedecentral.backend.llamacpp;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One admitted request. The loop's own, but for the stream and {@link #release}, which the reader's side also reaches.
 */
final class Sequence {
    private final AtomicBoolean released = new AtomicBoolean();
    private final int slot;
    private final int[] promptTokens;
    private final Answer answer;
    private final LlamaStream stream;

    /** Tokens of the prompt that are in the KV cache. */
    int prefilled;
    /** Tokens in the KV cache, which is the position of the next one. */
    int position;

    Sequence(int slot, int[] promptTokens, Answer answer, BatchLoop loop) {
        this.slot = slot;
        this.promptTokens = promptTokens;
        this.answer = answer;
        this.stream = new LlamaStream(promptTokens.length, () -> loop.cancel(this), loop::wake);
    }

    int slot() {
        return slot;
    }

    int[] promptTokens() {
        return promptTokens;
    }

    /** What chooses this sequence's tokens and makes events of them; its last token is the one to be decoded next. */
    Answer answer() {
        return answer;
    }

    LlamaStream stream() {
        return stream;
    }

    boolean prefilling() {
        return prefilled < promptTokens.length;
    }

    /** True for the one caller that ends this sequence: it gives the slot back. Any thread. */
    boolean release() {
        return released.compareAndSet(false, true);
    }

    boolean isReleased() {
        return released.get();
    }
}
