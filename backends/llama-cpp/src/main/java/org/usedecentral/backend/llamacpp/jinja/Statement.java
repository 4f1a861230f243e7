package org.usedecentral.backend.llamacpp.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parsed part of a template. Immutable. */
sealed interface Statement {
    record Text(String text) implements Statement {}

    record Print(Expression expression) implements Statement {}

    record If(Expression condition, List<Statement> yes, List<Statement> no) implements Statement {}

    record For(Loop loop, List<Statement> body, List<Statement> otherwise) implements Statement {}

    /** The head of a loop: names to unpack into, what to go through, which to take. */
    record Loop(
            List<String> targets,
            Expression items,
            @Nullable Expression condition) {}

    /** Sets names, or a namespace's attribute. */
    record Set(List<Expression> targets, Expression value) implements Statement {}

    record SetBlock(Expression target, List<Statement> body, List<Expression.Filter> filters) implements Statement {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body) implements Statement {}

    record Parameter(String name, @Nullable Expression standard) {}

    /** A macro called with a body, which it calls as {@code caller()}. */
    record CallBlock(Macro caller, Expression.Call call) implements Statement {}

    record FilterBlock(Expression.Filter filter, List<Statement> body) implements Statement {}

    /** A scope of its own, with names set in it. */
    record With(List<Set> sets, List<Statement> body) implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}
}
