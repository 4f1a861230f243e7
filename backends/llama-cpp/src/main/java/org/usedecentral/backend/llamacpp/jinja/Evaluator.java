package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.jinja.Expression.Arguments;

/** Evaluates the expressions of one rendering. One thread. */
final class Evaluator {
    /** A template of a long conversation takes some thousands. */
    private static final int MAX_STEPS = 5_000_000;

    private static final int MAX_DEPTH = 400;

    private int steps;
    private int depth;

    /** Counts a step, so that no template runs for ever. */
    void step() {
        if (++steps > MAX_STEPS) {
            throw JinjaException.fault("the template takes too many steps");
        }
    }

    @Nullable Object value(Expression expression, Scope scope) {
        step();
        if (++depth > MAX_DEPTH) {
            throw JinjaException.fault("an expression nests too deeply");
        }
        Object value = compute(expression, scope);
        depth--;
        return value;
    }

    private @Nullable Object compute(Expression expression, Scope scope) {
        return switch (expression) {
            case Expression.Literal(Object value) -> value;
            case Expression.Name(String name) -> scope.get(name);
            case Expression.Attribute(Expression base, String name) -> Attributes.of(value(base, scope), name);
            case Expression.Item(Expression base, Expression key) ->
                Operators.item(value(base, scope), value(key, scope));
            case Expression.Slice slice -> slice(slice, scope);
            case Expression.Binary(String operator, Expression left, Expression right) ->
                Operators.binary(operator, value(left, scope), value(right, scope));
            case Expression.And(Expression left, Expression right) -> {
                Object first = value(left, scope);
                yield Values.truth(first) ? value(right, scope) : first;
            }
            case Expression.Or(Expression left, Expression right) -> {
                Object first = value(left, scope);
                yield Values.truth(first) ? first : value(right, scope);
            }
            case Expression.Not(Expression operand) -> !Values.truth(value(operand, scope));
            case Expression.Negate(Expression operand) -> Operators.negate(value(operand, scope));
            case Expression.Choice choice -> choice(choice, scope);
            case Expression.ListOf(List<Expression> items) -> values(items, scope);
            case Expression.DictOf(List<Expression> keys, List<Expression> values) -> dictionary(keys, values, scope);
            case Expression.Filter filter -> filter(filter, value(filter.base(), scope), scope);
            case Expression.Test test -> test(test, scope);
            case Expression.Call(Expression function, Arguments arguments) -> call(function, arguments, scope);
        };
    }

    private List<@Nullable Object> values(List<Expression> expressions, Scope scope) {
        List<@Nullable Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(value(expression, scope));
        }
        return values;
    }

    private Map<Object, @Nullable Object> dictionary(List<Expression> keys, List<Expression> values, Scope scope) {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            Object key = value(keys.get(i), scope);
            if (key == null) {
                throw JinjaException.fault("none cannot be a key here");
            }
            map.put(key, value(values.get(i), scope));
        }
        return map;
    }

    private Object slice(Expression.Slice slice, Scope scope) {
        Object base = value(slice.base(), scope);
        Expression from = slice.from();
        Expression to = slice.to();
        Expression step = slice.step();
        return Operators.slice(
                base,
                from == null ? null : value(from, scope),
                to == null ? null : value(to, scope),
                step == null ? null : value(step, scope));
    }

    private @Nullable Object choice(Expression.Choice choice, Scope scope) {
        if (Values.truth(value(choice.condition(), scope))) {
            return value(choice.yes(), scope);
        }
        Expression no = choice.no();
        return no == null ? new Undefined("the missing else") : value(no, scope);
    }

    @Nullable Object filter(Expression.Filter filter, @Nullable Object value, Scope scope) {
        Arguments arguments = filter.arguments();
        return Filters.apply(
                filter.name(),
                value,
                new Filters.Given(values(arguments.positional(), scope), named(arguments, scope)));
    }

    private boolean test(Expression.Test test, Scope scope) {
        Object value = value(test.base(), scope);
        List<@Nullable Object> arguments = values(test.arguments().positional(), scope);
        return Tests.test(test.name(), value, arguments) != test.negated();
    }

    private Map<String, @Nullable Object> named(Arguments arguments, Scope scope) {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        for (int i = 0; i < arguments.names().size(); i++) {
            named.put(arguments.names().get(i), value(arguments.named().get(i), scope));
        }
        return named;
    }

    private @Nullable Object call(Expression function, Arguments arguments, Scope scope) {
        Object called = value(function, scope);
        if (called instanceof Callable callable) {
            return call(callable, arguments, scope);
        }
        throw JinjaException.fault("cannot call " + Values.described(called));
    }

    @Nullable Object call(Callable callable, Arguments arguments, Scope scope) {
        return callable.call(values(arguments.positional(), scope), named(arguments, scope));
    }
}
