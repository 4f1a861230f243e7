package org.usedecentral.backend.llamacpp;

import java.util.concurrent.atomic.AtomicBoolean;

/** One choice of an admitted request. The loop's own, but for {@link #release}, which the reader's side also reaches. */
final class Sequence {
    private final AtomicBoolean released = new AtomicBoolean();
    private final Generation generation;
    private final int choice;
    private final Answer answer;

    /** Which of the context's sequences it is; -1 until the loop has taken it in. */
    int slot = -1;
    /** Tokens in the KV cache, which is the position of the next one. */
    int position;

    Sequence(Generation generation, int choice, Answer answer) {
        this.generation = generation;
        this.choice = choice;
        this.answer = answer;
    }

    Generation generation() {
        return generation;
    }

    /** Its index among the choices. */
    int choice() {
        return choice;
    }

    /** What chooses this sequence's tokens and makes events of them; its last token is the one to be decoded next. */
    Answer answer() {
        return answer;
    }

    LlamaStream stream() {
        return generation.stream();
    }

    /** True for the one caller that ends this sequence: it gives the slot back. Any thread. */
    boolean release() {
        return released.compareAndSet(false, true);
    }

    boolean isReleased() {
        return released.get();
    }
}
