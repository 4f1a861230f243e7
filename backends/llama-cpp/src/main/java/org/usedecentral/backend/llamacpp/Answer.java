package org.usedecentral.backend.llamacpp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.grammar.GrammarException;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;

/** One choice of a request while it is generated: from logits to a token, from tokens to events. The loop's own. */
final class Answer {
    /** Tokens that are tried before all that the grammar refuses are ruled out. */
    private static final int TRIES = 4;

    private final int choice;
    private final int maxTokens;
    private final Vocabulary vocabulary;
    private final Sampler sampler;
    private final TextAssembler text;
    private final @Nullable LogitChange change;
    private final @Nullable TokenScores scores;
    private final @Nullable Constraint constraint;
    private @Nullable CallReader calls;
    /** Text that is certain and not yet delivered. */
    private String ready = "";

    private List<TokenInfo> infos = List.of();
    private int lastToken;
    private int generated;
    private int undelivered;

    /** What a choice is made with; null is what the request does not ask for. */
    record Parts(
            Sampler sampler,
            TextAssembler text,
            @Nullable LogitChange change,
            @Nullable TokenScores scores,
            @Nullable Constraint constraint) {}

    Answer(int choice, int maxTokens, Vocabulary vocabulary, Parts parts) {
        this.choice = choice;
        this.maxTokens = maxTokens;
        this.vocabulary = vocabulary;
        this.sampler = parts.sampler();
        this.text = parts.text();
        this.change = parts.change();
        this.scores = parts.scores();
        this.constraint = parts.constraint();
    }

    /**
     * Chooses the next token from {@code scratch.logits} and takes it in. Returns why the answer ends with it, or null.
     *
     * @throws DecentralException if no token can follow; the answer cannot go on
     */
    @Nullable FinishReason next(Sampler.Scratch scratch) {
        int token = choose(scratch);
        if (vocabulary.ends(token)) {
            finishText();
            return stop();
        }
        generated++;
        undelivered++;
        lastToken = token;
        take(token);
        if (text.stopped() && calls == null) {
            return FinishReason.STOP;
        }
        if (constraint != null && constraint.isFinal()) {
            finishText();
            return stop();
        }
        if (generated >= maxTokens) {
            finishText();
            return FinishReason.LENGTH;
        }
        return null;
    }

    private int choose(Sampler.Scratch scratch) {
        if (scores != null) {
            scores.read(scratch);
        }
        if (change != null) {
            change.apply(scratch.logits);
        }
        int token = constraint == null ? sampler.sample(scratch) : chooseAllowed(scratch, constraint);
        if (token < 0) {
            throw new DecentralException(ErrorCode.INTERNAL, "the model produced no usable logits");
        }
        return token;
    }

    /**
     * Draws as usual and rules out what the grammar refuses, one by one at first. What remains keeps its proportions, so
     * this draws from the same distribution as ruling out everything before, and mostly needs to look at one token.
     */
    private int chooseAllowed(Sampler.Scratch scratch, Constraint rule) {
        try {
            rule.rest();
            int token = sampler.sample(scratch);
            for (int tries = 0; token >= 0 && !rule.allows(token); tries++) {
                if (tries < TRIES && !rule.isWorkedOut()) {
                    scratch.logits[token] = Float.NEGATIVE_INFINITY;
                } else {
                    rule.restrict(scratch.logits);
                }
                token = sampler.sample(scratch);
            }
            if (token < 0) {
                throw DecentralException.invalid(
                        "response_format", "no token of the model fits the grammar after what was generated");
            }
            return token;
        } catch (GrammarException e) {
            throw DecentralException.invalid("response_format", e.message());
        }
    }

    private void take(int token) {
        if (scores != null) {
            if (infos.isEmpty()) {
                infos = new ArrayList<>();
            }
            infos.add(scores.info(token));
        }
        if (change != null) {
            change.count(token);
        }
        if (constraint != null) {
            constraint.accept(token);
        }
        byte[] piece = vocabulary.piece(token);
        if (calls != null) {
            calls.read(piece);
            return;
        }
        add(text.append(piece));
        byte[] callText = text.afterMarker();
        if (callText != null) {
            calls = new CallReader(choice);
            calls.read(callText);
        }
    }

    private FinishReason stop() {
        return calls == null ? FinishReason.STOP : FinishReason.TOOL_CALLS;
    }

    private void finishText() {
        add(text.finish());
    }

    private void add(String piece) {
        ready = ready.isEmpty() ? piece : ready + piece;
    }

    /** Puts the events of what is certain by now. */
    void deliver(LlamaStream stream) {
        if (!ready.isEmpty()) {
            stream.put(new GenerationEvent.TextDelta(choice, PartKind.TEXT, ready, undelivered, infos));
            ready = "";
            delivered();
        }
        if (calls != null && calls.isReady()) {
            calls.take(undelivered).forEach(stream::put);
            delivered();
        }
    }

    private void delivered() {
        undelivered = 0;
        infos = List.of();
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
