package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One rendering of a template: runs its statements. One use, one thread. */
final class Renderer {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_OUTPUT = 1 << 24;

    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final Evaluator evaluator;
    private StringBuilder out = new StringBuilder();
    private int depth;
    private int loops;

    private Renderer(Evaluator evaluator) {
        this.evaluator = evaluator;
    }

    static String render(List<Statement> template, Scope globals) {
        Renderer renderer = new Renderer(new Evaluator());
        renderer.run(template, globals);
        return renderer.out.toString();
    }

    private Flow run(List<Statement> statements, Scope scope) {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.fault("the template nests too deeply");
        }
        Flow flow = Flow.ON;
        for (Statement statement : statements) {
            evaluator.step();
            flow = run(statement, scope);
            if (flow != Flow.ON) {
                break;
            }
        }
        depth--;
        return flow;
    }

    private Flow run(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Text(String text) -> write(text);
            case Statement.Print(Expression expression) -> write(Values.text(evaluator.value(expression, scope)));
            case Statement.If(Expression condition, List<Statement> yes, List<Statement> no) -> {
                return run(Values.truth(evaluator.value(condition, scope)) ? yes : no, scope);
            }
            case Statement.For loop -> loop(loop, scope);
            case Statement.Set set -> set(set, scope);
            case Statement.SetBlock block -> assign(block.target(), filtered(block, scope), scope);
            case Statement.Macro macro -> scope.set(macro.name(), macro(macro, scope, null));
            case Statement.CallBlock block -> write(Values.text(call(block, scope)));
            case Statement.FilterBlock(Expression.Filter filter, List<Statement> body) ->
                write(Values.text(evaluator.filter(filter, captured(body, new Scope(scope)), scope)));
            case Statement.With(List<Statement.Set> sets, List<Statement> body) -> {
                Scope inner = new Scope(scope);
                sets.forEach(set -> set(set, inner));
                return run(body, inner);
            }
            case Statement.Break() -> {
                return Flow.BREAK;
            }
            case Statement.Continue() -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.ON;
    }

    private void write(String text) {
        if (out.length() + text.length() > MAX_OUTPUT) {
            throw JinjaException.fault("the template writes too much");
        }
        out.append(text);
    }

    /** What the statements write, apart from the rest. */
    private String captured(List<Statement> body, Scope scope) {
        StringBuilder outer = out;
        out = new StringBuilder();
        try {
            run(body, scope);
            return out.toString();
        } finally {
            out = outer;
        }
    }

    private void loop(Statement.For statement, Scope scope) {
        Statement.Loop head = statement.loop();
        List<@Nullable Object> items = Values.items(evaluator.value(head.items(), scope));
        Expression condition = head.condition();
        if (condition != null) {
            items.removeIf(item -> {
                Scope inner = new Scope(scope);
                unpack(head.targets(), item, inner);
                return !Values.truth(evaluator.value(condition, inner));
            });
        }
        if (items.isEmpty()) {
            run(statement.otherwise(), scope);
            return;
        }
        LoopState state = new LoopState(items, ++loops);
        for (int i = 0; i < items.size(); i++) {
            evaluator.step();
            state.moveTo(i);
            Scope inner = new Scope(scope);
            inner.set("loop", state);
            unpack(head.targets(), items.get(i), inner);
            if (run(statement.body(), inner) == Flow.BREAK) {
                break;
            }
        }
        loops--;
    }

    private static void unpack(List<String> targets, @Nullable Object item, Scope scope) {
        if (targets.size() == 1) {
            scope.set(targets.getFirst(), item);
            return;
        }
        List<@Nullable Object> parts = parts(item, targets.size());
        for (int i = 0; i < targets.size(); i++) {
            scope.set(targets.get(i), parts.get(i));
        }
    }

    private static List<@Nullable Object> parts(@Nullable Object value, int count) {
        List<@Nullable Object> parts = Values.items(value);
        if (parts.size() != count) {
            throw JinjaException.fault("cannot unpack " + parts.size() + " values into " + count + " names");
        }
        return parts;
    }

    private void set(Statement.Set statement, Scope scope) {
        Object value = evaluator.value(statement.value(), scope);
        List<Expression> targets = statement.targets();
        if (targets.size() == 1) {
            assign(targets.getFirst(), value, scope);
            return;
        }
        List<@Nullable Object> parts = parts(value, targets.size());
        for (int i = 0; i < targets.size(); i++) {
            assign(targets.get(i), parts.get(i), scope);
        }
    }

    private void assign(Expression target, @Nullable Object value, Scope scope) {
        switch (target) {
            case Expression.Name(String name) -> scope.set(name, value);
            case Expression.Attribute(Expression base, String name)
            when evaluator.value(base, scope) instanceof Namespace(Map<String, @Nullable Object> attributes) ->
                attributes.put(name, value);
            default -> throw JinjaException.fault("only names and attributes of a namespace can be set");
        }
    }

    private @Nullable Object filtered(Statement.SetBlock block, Scope scope) {
        Object value = captured(block.body(), new Scope(scope));
        for (Expression.Filter filter : block.filters()) {
            value = evaluator.filter(filter, value, scope);
        }
        return value;
    }

    private @Nullable Object call(Statement.CallBlock block, Scope scope) {
        Scope inner = new Scope(scope);
        Callable caller = macro(block.caller(), scope, null);
        Object function = evaluator.value(block.call().function(), scope);
        if (function instanceof MacroCall macro) {
            return evaluator.call(macro.with(caller), block.call().arguments(), inner);
        }
        throw JinjaException.fault("only a macro can be called with a body");
    }

    private MacroCall macro(Statement.Macro macro, Scope defined, @Nullable Callable caller) {
        return new MacroCall(macro, defined, caller);
    }

    /** A macro as a value. */
    private final class MacroCall implements Callable {
        private final Statement.Macro macro;
        private final Scope defined;
        private final @Nullable Callable caller;

        MacroCall(Statement.Macro macro, Scope defined, @Nullable Callable caller) {
            this.macro = macro;
            this.defined = defined;
            this.caller = caller;
        }

        MacroCall with(Callable body) {
            return new MacroCall(macro, defined, body);
        }

        @Override
        public Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
            Scope inner = new Scope(defined);
            List<Statement.Parameter> parameters = macro.parameters();
            for (int i = 0; i < parameters.size(); i++) {
                Statement.Parameter parameter = parameters.get(i);
                Expression standard = parameter.standard();
                Object value;
                if (i < positional.size()) {
                    value = positional.get(i);
                } else if (named.containsKey(parameter.name())) {
                    value = named.get(parameter.name());
                } else {
                    value = standard == null ? new Undefined(parameter.name()) : evaluator.value(standard, inner);
                }
                inner.set(parameter.name(), value);
            }
            if (caller != null) {
                inner.set("caller", caller);
            }
            inner.set("varargs", rest(positional, parameters.size()));
            return captured(macro.body(), inner);
        }

        private static List<@Nullable Object> rest(List<@Nullable Object> positional, int from) {
            return new ArrayList<>(positional.subList(Math.min(from, positional.size()), positional.size()));
        }
    }
}
