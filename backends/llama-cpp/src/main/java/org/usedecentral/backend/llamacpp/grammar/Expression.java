package org.usedecentral.backend.llamacpp.grammar;

import java.util.List;

/** What one rule of a grammar may be made of. Immutable. */
public sealed interface Expression {
    /** No limit to a {@link Repeat}. */
    int UNLIMITED = -1;

    /** A text, character by character. */
    record Text(String text) implements Expression {}

    /** One character of a set. */
    record Characters(CharacterSet set) implements Expression {}

    /** One after the other. */
    record Chain(List<Expression> items) implements Expression {
        public Chain {
            items = List.copyOf(items);
        }
    }

    /** One of several. */
    record Either(List<Expression> items) implements Expression {
        public Either {
            items = List.copyOf(items);
        }
    }

    /** {@code item} again and again, at least {@code min} and at most {@code max} times, {@link #UNLIMITED} or more. */
    record Repeat(Expression item, int min, int max) implements Expression {
        public Repeat {
            if (min < 0 || (max != UNLIMITED && max < min)) {
                throw new IllegalArgumentException("repeats " + min + " … " + max);
            }
        }
    }

    /** Another rule, by its name. */
    record Reference(String rule) implements Expression {}

    static Expression text(String text) {
        return new Text(text);
    }

    static Expression chain(Expression... items) {
        return items.length == 1 ? items[0] : new Chain(List.of(items));
    }

    static Expression either(Expression... items) {
        return items.length == 1 ? items[0] : new Either(List.of(items));
    }

    static Expression optional(Expression item) {
        return new Repeat(item, 0, 1);
    }

    /** One character of those between pairs of first and last. */
    static Expression characters(int... pairs) {
        return new Characters(CharacterSet.of(pairs));
    }
}
