package org.usedecentral.backend.llamacpp;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.grammar.Grammar;
import org.usedecentral.backend.llamacpp.grammar.Matcher;

/**
 * What tokens may come next in one answer. It holds to its grammar from the start, or from the first place where the text
 * is {@code marker}: up to there everything may come. The loop's own.
 */
final class Constraint {
    private final Vocabulary vocabulary;
    private final Matcher matcher;
    private final byte[] marker;
    private final Matcher.State start;

    /** Where the grammar is; null while the text is free. */
    private Matcher.@Nullable State state;
    /** How much of the marker the free text ends with. */
    private int seen;

    /** @param marker empty: the grammar holds from the start */
    Constraint(Grammar grammar, Vocabulary vocabulary, String marker) {
        this.vocabulary = vocabulary;
        this.matcher = new Matcher(grammar);
        this.marker = marker.getBytes(StandardCharsets.UTF_8);
        this.start = matcher.start();
        this.state = marker.isEmpty() ? start : null;
    }

    /** Begins a token: the grammar may use so much more work. */
    void rest() {
        matcher.rest();
    }

    /** Whether the token may come next; one that ends the turn only where the grammar may end. */
    boolean allows(int token) {
        if (vocabulary.ends(token)) {
            return state == null || state.isComplete();
        }
        byte[] piece = vocabulary.piece(token);
        if (piece.length == 0) {
            return state == null;
        }
        return state == null ? mayFollowFreely(piece) : end(state, piece, 0) != null;
    }

    private boolean mayFollowFreely(byte[] piece) {
        int after = markerEnd(piece);
        return after < 0 || end(start, piece, after) != null;
    }

    private Matcher.@Nullable State end(Matcher.State from, byte[] piece, int offset) {
        Matcher.State at = from;
        for (int i = offset; i < piece.length && at != null; i++) {
            at = matcher.next(at, piece[i]);
        }
        return at;
    }

    /** Where in {@code piece} the marker is complete, -1 if it is not. */
    private int markerEnd(byte[] piece) {
        int length = seen;
        for (int i = 0; i < piece.length; i++) {
            length = longer(length, piece[i]);
            if (length == marker.length) {
                return i + 1;
            }
        }
        return -1;
    }

    /** How much of the marker a text ends with that ended with {@code length} of it before this byte. */
    private int longer(int length, byte b) {
        int kept = length;
        while (true) {
            if (marker[kept] == b) {
                return kept + 1;
            }
            if (kept == 0) {
                return 0;
            }
            kept = border(kept);
        }
    }

    /** The longest proper beginning of the marker's first {@code length} bytes that they also end with. */
    private int border(int length) {
        for (int n = length - 1; n > 0; n--) {
            boolean same = true;
            for (int i = 0; i < n && same; i++) {
                same = marker[i] == marker[length - n + i];
            }
            if (same) {
                return n;
            }
        }
        return 0;
    }

    /** Rules out every token that may not come next. */
    void restrict(float[] logits) {
        if (state == null) {
            for (int token = 0; token < logits.length; token++) {
                if (!allows(token)) {
                    logits[token] = Float.NEGATIVE_INFINITY;
                }
            }
            return;
        }
        long[] allowed = state.remembered();
        if (allowed == null) {
            allowed = vocabulary.table().allowed(matcher, state);
            state.remember(allowed);
        }
        boolean complete = state.isComplete();
        for (int token = 0; token < logits.length; token++) {
            if ((allowed[token >> 6] >>> token & 1) == 0 && !(complete && vocabulary.ends(token))) {
                logits[token] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /** True once it is known which tokens may come next, so that asking for all costs no more than for one. */
    boolean isWorkedOut() {
        return state != null && state.remembered() != null;
    }

    /** Takes in a token that is allowed and does not end the turn. */
    void accept(int token) {
        accept(vocabulary.piece(token));
    }

    private void accept(byte[] piece) {
        if (state != null) {
            state = Objects.requireNonNull(end(state, piece, 0));
            return;
        }
        int after = markerEnd(piece);
        if (after >= 0) {
            state = Objects.requireNonNull(end(start, piece, after));
            return;
        }
        for (byte b : piece) {
            seen = longer(seen, b);
        }
    }

    /** Takes in text that was generated earlier; false if it may not be there. */
    boolean resume(byte[] utf8) {
        boolean allowed = state == null ? mayFollowFreely(utf8) : end(state, utf8, 0) != null;
        if (allowed) {
            accept(utf8);
        }
        return allowed;
    }

    /** True if the grammar is at its end and nothing can follow. */
    boolean isFinal() {
        return state != null && state.isComplete() && state.isFinal();
    }
}
