package org.usedecentral.backend.llamacpp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.Usage;

/**
 * One admitted request: its prompt, which is computed once, its choices, each a {@link Sequence}, and the stream that
 * they share. The loop's own, but for the stream.
 */
final class Generation {
    private final Prompt prompt;
    private final List<Sequence> choices;
    private final LlamaStream stream;
    private final @Nullable FinishReason[] reasons;
    private int unfinished;
    private int outputTokens;

    /** Tokens of the prompt that are in the KV cache of the first choice. */
    int prefilled;
    /** Tokens of the prompt that were there already and did not have to be computed. */
    int cached;

    /** What is computed before the first new token. Immutable. */
    static final class Prompt {
        private final int[] tokens;
        private final int chunked;

        /**
         * A prompt.
         *
         * @param tokens at least one; not to be changed
         * @param chunked how many of them are computed in chunks, at least one; the rest one by one, as the tokens of an
         *     answer are when they are generated
         */
        Prompt(int[] tokens, int chunked) {
            this.tokens = tokens;
            this.chunked = chunked;
        }

        int length() {
            return tokens.length;
        }
    }

    Generation(Prompt prompt, List<Answer> answers, BatchLoop loop) {
        this.prompt = prompt;
        this.stream = new LlamaStream(prompt.tokens.length, () -> loop.cancel(this), loop::wake);
        List<Sequence> sequences = new ArrayList<>(answers.size());
        for (int i = 0; i < answers.size(); i++) {
            sequences.add(new Sequence(this, i, answers.get(i)));
        }
        this.choices = List.copyOf(sequences);
        this.reasons = new FinishReason[answers.size()];
        this.unfinished = answers.size();
    }

    int[] promptTokens() {
        return prompt.tokens;
    }

    /** In the order of their index; the first one's KV cache is where the prompt is computed. */
    List<Sequence> choices() {
        return choices;
    }

    LlamaStream stream() {
        return stream;
    }

    /** How many tokens of the prompt are computed in chunks. */
    int chunkedTokens() {
        return prompt.chunked;
    }

    /** True while chunks of the prompt are left. */
    boolean prefilling() {
        return prefilled < prompt.chunked;
    }

    /** True while any token of the prompt is left. */
    boolean isPreparing() {
        return prefilled < prompt.tokens.length;
    }

    /** Notes the end of a choice; returns the end of all after the last one, else null. */
    GenerationEvent.@Nullable Finished finished(Sequence sequence, FinishReason reason) {
        reasons[sequence.choice()] = reason;
        outputTokens += sequence.answer().generated();
        if (--unfinished > 0) {
            return null;
        }
        List<FinishReason> all = new ArrayList<>(reasons.length);
        for (FinishReason each : reasons) {
            all.add(Objects.requireNonNull(each));
        }
        return new GenerationEvent.Finished(all, new Usage(prompt.tokens.length, outputTokens, cached, 0));
    }
}
