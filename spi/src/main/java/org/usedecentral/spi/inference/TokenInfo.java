package org.usedecentral.spi.inference;

import java.util.List;
import org.usedecentral.spi.Bytes;

/**
 * A generated token with its log probability.
 *
 * @param bytes the token's bytes, which need not be whole characters
 * @param logProbability natural logarithm
 * @param alternatives the most likely tokens at this place, without alternatives of their own
 */
public record TokenInfo(Bytes bytes, double logProbability, List<TokenInfo> alternatives) {
    public TokenInfo {
        alternatives = List.copyOf(alternatives);
    }
}
