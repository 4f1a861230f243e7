package org.usedecentral.backend.llamacpp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;

/** One choice of a request while it is generated: from logits to a token, from tokens to events. The loop's own. */
final class Answer {
    private final int choice;
    private final int maxTokens;
    private final Vocabulary vocabulary;
    private final Sampler sampler;
    private final TextAssembler text;
    /** Text that is certain and not yet delivered. */
    private String ready = "";

    private int lastToken;
    private int generated;
    private int undelivered;

    Answer(int choice, int maxTokens, Vocabulary vocabulary, Sampler sampler, List<String> stop) {
        this.choice = choice;
        this.maxTokens = maxTokens;
        this.vocabulary = vocabulary;
        this.sampler = sampler;
        this.text = new TextAssembler(stop);
    }

    /**
     * Chooses the next token from {@code scratch.logits} and takes it in. Returns why the answer ends with it, or null.
     *
     * @throws DecentralException if no token can follow; the answer cannot go on
     */
    @Nullable FinishReason next(Sampler.Scratch scratch) {
        int token = sampler.sample(scratch);
        if (token < 0) {
            throw new DecentralException(ErrorCode.INTERNAL, "the model produced no usable logits");
        }
        if (vocabulary.ends(token)) {
            add(text.finish());
            return FinishReason.STOP;
        }
        generated++;
        undelivered++;
        lastToken = token;
        add(text.append(vocabulary.piece(token)));
        if (text.stopped()) {
            return FinishReason.STOP;
        }
        if (generated >= maxTokens) {
            add(text.finish());
            return FinishReason.LENGTH;
        }
        return null;
    }

    private void add(String piece) {
        ready = ready.isEmpty() ? piece : ready + piece;
    }

    /** Puts the events of what is certain by now. */
    void deliver(LlamaStream stream) {
        if (!ready.isEmpty()) {
            stream.put(new GenerationEvent.TextDelta(choice, PartKind.TEXT, ready, undelivered, List.of()));
            ready = "";
            undelivered = 0;
        }
    }

    /** The token that comes next in the model's context. */
    int lastToken() {
        return lastToken;
    }

    /** How many tokens this answer has; the one that ended the model's turn is not counted. */
    int generated() {
        return generated;
    }
}
