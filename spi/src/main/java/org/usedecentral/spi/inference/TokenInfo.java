package org.usedecentral.spi.inference;

import java.util.List;
import org.usedecentral.spi.Bytes;

/**
 * A generated token with its log probability.
 *
 * @param id of the token in the model's vocabulary; {@link #UNKNOWN_ID} where the engine does not show it
 * @param bytes the token's bytes, which need not be whole characters
 * @param logProbability natural logarithm
 * @param alternatives the most likely tokens at this place, without alternatives of their own
 */
public record TokenInfo(int id, Bytes bytes, double logProbability, List<TokenInfo> alternatives) {
    /** The id of a token whose engine lacks {@link Feature#TOKEN_IDS}. */
    public static final int UNKNOWN_ID = -1;

    public TokenInfo {
        alternatives = List.copyOf(alternatives);
        if (id < UNKNOWN_ID) {
            throw new IllegalArgumentException("token id " + id);
        }
    }
}
