package org.usedecentral.backend.llamacpp.schema;

import static org.usedecentral.backend.llamacpp.grammar.Expression.chain;
import static org.usedecentral.backend.llamacpp.grammar.Expression.characters;
import static org.usedecentral.backend.llamacpp.grammar.Expression.text;

import java.util.ArrayList;
import java.util.List;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/** The decimal numerals of the integers from one number to another, without leading zeros. */
final class IntegerRange {
    private IntegerRange() {}

    /** {@code low} ≤ {@code high}. */
    static Expression of(long low, long high) {
        List<Expression> ways = new ArrayList<>();
        if (low < 0) {
            List<Expression> negative = new ArrayList<>();
            natural(Math.max(1, -high), -low, negative);
            ways.add(chain(text("-"), new Expression.Either(negative)));
        }
        if (high >= 0) {
            natural(Math.max(0, low), high, ways);
        }
        return new Expression.Either(ways);
    }

    private static void natural(long low, long high, List<Expression> ways) {
        String first = Long.toString(low);
        String last = Long.toString(high);
        for (int digits = first.length(); digits <= last.length(); digits++) {
            String from = digits == first.length() ? first : "1" + "0".repeat(digits - 1);
            String to = digits == last.length() ? last : "9".repeat(digits);
            sameLength(from, to, ways);
        }
    }

    private static void sameLength(String from, String to, List<Expression> ways) {
        int same = 0;
        while (same < from.length() && from.charAt(same) == to.charAt(same)) {
            same++;
        }
        Expression head = text(from.substring(0, same));
        if (same == from.length()) {
            ways.add(head);
            return;
        }
        String low = from.substring(same);
        String high = to.substring(same);
        List<Expression> tails = new ArrayList<>();
        boolean wholeLow = low.chars().skip(1).allMatch(c -> c == '0');
        boolean wholeHigh = high.chars().skip(1).allMatch(c -> c == '9');
        char least = (char) (low.charAt(0) + (wholeLow ? 0 : 1));
        char most = (char) (high.charAt(0) - (wholeHigh ? 0 : 1));
        if (!wholeLow) {
            tails.add(chain(text(low.substring(0, 1)), bounded(low.substring(1), "9".repeat(low.length() - 1))));
        }
        if (least <= most) {
            tails.add(chain(
                    characters(least, most),
                    JsonGrammar.repeat(JsonGrammar.DIGIT, low.length() - 1, low.length() - 1)));
        }
        if (!wholeHigh) {
            tails.add(chain(text(high.substring(0, 1)), bounded("0".repeat(high.length() - 1), high.substring(1))));
        }
        ways.add(chain(head, new Expression.Either(tails)));
    }

    private static Expression bounded(String from, String to) {
        List<Expression> ways = new ArrayList<>();
        sameLength(from, to, ways);
        return new Expression.Either(ways);
    }
}
