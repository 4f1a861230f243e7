package org.usedecentral.backend.llamacpp.schema;

import static org.usedecentral.backend.llamacpp.grammar.Expression.chain;
import static org.usedecentral.backend.llamacpp.grammar.Expression.characters;
import static org.usedecentral.backend.llamacpp.grammar.Expression.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/** Numbers within bounds; integers exactly, others where the bounds are integers. */
final class NumberForm {
    /** What JSON readers keep exactly, and beyond the bounds of any sensible schema. */
    private static final long MOST = 999_999_999_999_999L;

    private NumberForm() {}

    /** The integers that the bounds allow; an end that is not bounded lies at {@link #MOST}. */
    private record Bounds(long low, long high, boolean isBounded) {
        static Bounds of(Keywords schema) {
            BigDecimal multiple = schema.number("multipleOf");
            if (multiple != null && multiple.compareTo(BigDecimal.ONE) != 0) {
                throw SchemaException.unsupported("keyword 'multipleOf'");
            }
            BigDecimal low = schema.number("minimum");
            BigDecimal above = schema.number("exclusiveMinimum");
            BigDecimal high = schema.number("maximum");
            BigDecimal below = schema.number("exclusiveMaximum");
            long from = -MOST;
            long to = MOST;
            if (low != null) {
                from = Math.max(from, whole(low, RoundingMode.CEILING));
            }
            if (above != null) {
                from = Math.max(from, whole(above, RoundingMode.FLOOR) + 1);
            }
            if (high != null) {
                to = Math.min(to, whole(high, RoundingMode.FLOOR));
            }
            if (below != null) {
                to = Math.min(to, whole(below, RoundingMode.CEILING) - 1);
            }
            return new Bounds(from, to, low != null || above != null || high != null || below != null);
        }

        private static long whole(BigDecimal bound, RoundingMode mode) {
            if (bound.abs().compareTo(BigDecimal.valueOf(MOST)) > 0) {
                // One that excludes nothing within our numbers is as good as none; the other way nothing is left.
                return bound.signum() > 0 ? MOST + 1 : -MOST - 1;
            }
            return bound.setScale(0, mode).longValueExact();
        }
    }

    static Expression integer(Keywords schema) {
        Bounds bounds = Bounds.of(schema);
        if (!bounds.isBounded()) {
            return JsonGrammar.INTEGER;
        }
        if (bounds.low() > bounds.high()) {
            throw SchemaException.unsupported("an integer between its minimum and its maximum, of at most 15 digits,");
        }
        return IntegerRange.of(bounds.low(), bounds.high());
    }

    static Expression number(Keywords schema) {
        if (schema.number("multipleOf") != null) {
            throw SchemaException.unsupported("keyword 'multipleOf' of a number (type integer takes 1)");
        }
        Bounds bounds = Bounds.of(schema);
        if (!bounds.isBounded()) {
            return JsonGrammar.NUMBER;
        }
        List<Expression> ways = new ArrayList<>();
        if (bounds.low() <= bounds.high()) {
            ways.add(IntegerRange.of(bounds.low(), bounds.high()));
        }
        // With a fraction, which is never zero, a number lies strictly between its integer part and the next one.
        long from = fractionsFrom(schema, bounds.low());
        long to = fractionsTo(schema, bounds.high());
        Expression fraction = chain(text("."), JsonGrammar.repeat(JsonGrammar.DIGIT, 0, 8), characters('1', '9'));
        if (Math.max(0, from) <= to - 1) {
            ways.add(chain(IntegerRange.of(Math.max(0, from), to - 1), fraction));
        }
        if (Math.max(0, -to) <= -from - 1) {
            ways.add(chain(text("-"), IntegerRange.of(Math.max(0, -to), -from - 1), fraction));
        }
        if (ways.isEmpty()) {
            throw SchemaException.unsupported("a number between bounds with no integer between them");
        }
        return new Expression.Either(ways);
    }

    /** The least integer from which on all fractions are allowed; an exclusive bound that is an integer is one. */
    private static long fractionsFrom(Keywords schema, long low) {
        BigDecimal bound = schema.number("exclusiveMinimum");
        BigDecimal other = schema.number("minimum");
        boolean decides = bound != null && (other == null || other.compareTo(bound) <= 0);
        return decides && is(bound, low - 1) ? low - 1 : low;
    }

    private static long fractionsTo(Keywords schema, long high) {
        BigDecimal bound = schema.number("exclusiveMaximum");
        BigDecimal other = schema.number("maximum");
        boolean decides = bound != null && (other == null || other.compareTo(bound) >= 0);
        return decides && is(bound, high + 1) ? high + 1 : high;
    }

    private static boolean is(@Nullable BigDecimal bound, long integer) {
        return bound != null && bound.compareTo(BigDecimal.valueOf(integer)) == 0;
    }
}
