package org.usedecentral.backend.llamacpp.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parsed expression. Immutable. */
sealed interface Expression {
    record Literal(@Nullable Object value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListOf(List<Expression> items) implements Expression {}

    record DictOf(List<Expression> keys, List<Expression> values) implements Expression {}

    record Attribute(Expression base, String name) implements Expression {}

    record Item(Expression base, Expression key) implements Expression {}

    record Slice(
            Expression base,
            @Nullable Expression from,
            @Nullable Expression to,
            @Nullable Expression step) implements Expression {}

    record Call(Expression function, Arguments arguments) implements Expression {}

    record Filter(Expression base, String name, Arguments arguments) implements Expression {}

    record Test(Expression base, String name, Arguments arguments, boolean negated) implements Expression {}

    /** An arithmetic, concatenating or comparing operator. */
    record Binary(String operator, Expression left, Expression right) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    record Not(Expression operand) implements Expression {}

    record Negate(Expression operand) implements Expression {}

    record Choice(
            Expression condition, Expression yes, @Nullable Expression no) implements Expression {}

    /** What a call is given; {@code named} are the values of {@code names}. */
    record Arguments(List<Expression> positional, List<String> names, List<Expression> named) {
        static final Arguments NONE = new Arguments(List.of(), List.of(), List.of());
    }
}
