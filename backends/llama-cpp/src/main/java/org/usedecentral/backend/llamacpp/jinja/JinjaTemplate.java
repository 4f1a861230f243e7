package org.usedecentral.backend.llamacpp.jinja;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A parsed template, with the functions that Transformers gives chat templates. Immutable, thread-safe. */
public final class JinjaTemplate {
    private static final int MAX_RANGE = 100_000;

    private final List<Statement> statements;
    private final Supplier<LocalDateTime> now;

    private JinjaTemplate(List<Statement> statements, Supplier<LocalDateTime> now) {
        this.statements = statements;
        this.now = now;
    }

    /**
     * Parses a template; {@code now} is what its {@code strftime_now} tells.
     *
     * @throws JinjaException naming the line that cannot be parsed
     */
    public static JinjaTemplate parse(String source, Supplier<LocalDateTime> now) {
        return new JinjaTemplate(TemplateParser.parse(source), now);
    }

    /**
     * Renders with variables made of null, Boolean, Long, Double, String, List and Map.
     *
     * @throws JinjaException if the template refuses the variables, or does what we do not know
     */
    public String render(Map<String, ? extends @Nullable Object> variables) {
        Scope globals = new Scope(null);
        globals.set("raise_exception", (Callable) (values, _) -> {
            throw JinjaException.raised(Values.text(Attributes.argument(values, 0, "raise_exception")));
        });
        globals.set("strftime_now", (Callable) (values, _) ->
                Strftime.format(Values.toText(Attributes.argument(values, 0, "strftime_now")), now.get()));
        globals.set("namespace", (Callable) JinjaTemplate::namespace);
        globals.set("dict", (Callable) (_, named) -> new LinkedHashMap<>(named));
        globals.set("range", (Callable) (values, _) -> range(values));
        Scope scope = new Scope(globals);
        variables.forEach(scope::set);
        return Renderer.render(statements, scope);
    }

    private static Namespace namespace(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
        if (!positional.isEmpty() && positional.getFirst() instanceof Map<?, ?> map) {
            map.forEach((key, value) -> attributes.put(Values.text(key), value));
        }
        attributes.putAll(named);
        return new Namespace(attributes);
    }

    private static List<@Nullable Object> range(List<@Nullable Object> values) {
        long first = Values.toLong(Attributes.argument(values, 0, "range"));
        long from = values.size() > 1 ? first : 0;
        long to = values.size() > 1 ? Values.toLong(values.get(1)) : first;
        long step = values.size() > 2 ? Values.toLong(values.get(2)) : 1;
        List<@Nullable Object> range = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : step < 0 && i > to; i += step) {
            if (range.size() >= MAX_RANGE) {
                throw JinjaException.fault("a range is longer than " + MAX_RANGE);
            }
            range.add(i);
        }
        return range;
    }
}
