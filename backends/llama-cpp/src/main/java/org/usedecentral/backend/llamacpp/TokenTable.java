package org.usedecentral.backend.llamacpp;

import java.util.Arrays;
import java.util.BitSet;
import org.usedecentral.backend.llamacpp.grammar.Matcher;

/**
 * The tokens that stand for text, in the order of their bytes, so that what several have in common is matched once.
 * Immutable.
 */
final class TokenTable {
    private final byte[][] pieces;
    private final int[] ids;
    /** How many bytes each has in common with the one before. */
    private final int[] common;

    private final int longest;

    TokenTable(byte[][] pieces, BitSet ends) {
        this.pieces = pieces;
        Integer[] sorted = new Integer[pieces.length];
        int size = 0;
        for (int token = 0; token < pieces.length; token++) {
            if (pieces[token].length > 0 && !ends.get(token)) {
                sorted[size++] = token;
            }
        }
        Arrays.sort(sorted, 0, size, (a, b) -> Arrays.compareUnsigned(pieces[a], pieces[b]));
        this.ids = new int[size];
        this.common = new int[size];
        int most = 0;
        for (int i = 0; i < size; i++) {
            ids[i] = sorted[i];
            most = Math.max(most, pieces[ids[i]].length);
            if (i > 0) {
                int mismatch = Arrays.mismatch(pieces[ids[i - 1]], pieces[ids[i]]);
                common[i] = mismatch < 0 ? pieces[ids[i]].length : mismatch;
            }
        }
        this.longest = most;
    }

    /** The tokens whose bytes may follow {@code state}, a bit each. */
    long[] allowed(Matcher matcher, Matcher.State state) {
        long[] allowed = new long[(pieces.length + 63) / 64];
        Matcher.State[] path = new Matcher.State[longest + 1];
        path[0] = state;
        int matched = 0;
        for (int i = 0; i < ids.length; i++) {
            if (common[i] > matched) {
                // It has in common with the one before what failed there.
                continue;
            }
            byte[] piece = pieces[ids[i]];
            matched = common[i];
            while (matched < piece.length) {
                Matcher.State next = matcher.next(path[matched], piece[matched]);
                if (next == null) {
                    break;
                }
                path[++matched] = next;
            }
            if (matched == piece.length) {
                allowed[ids[i] >> 6] |= 1L << ids[i];
            }
        }
        return allowed;
    }
}
