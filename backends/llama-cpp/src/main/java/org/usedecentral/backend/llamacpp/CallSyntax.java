package org.usedecentral.backend.llamacpp;

import static org.usedecentral.backend.llamacpp.grammar.Expression.chain;
import static org.usedecentral.backend.llamacpp.grammar.Expression.optional;
import static org.usedecentral.backend.llamacpp.grammar.Expression.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.usedecentral.backend.llamacpp.grammar.Expression;
import org.usedecentral.backend.llamacpp.grammar.Grammar;
import org.usedecentral.backend.llamacpp.grammar.GrammarException;
import org.usedecentral.backend.llamacpp.schema.JsonSchema;
import org.usedecentral.backend.llamacpp.schema.SchemaException;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/**
 * How a model writes calls: {@code <tool_call>}, an object of {@code name} and {@code arguments},
 * {@code </tool_call>}, as the models of the Hermes and Qwen families do and others can be told to. What is written is
 * held to this form, and the arguments to the tool's schema.
 */
final class CallSyntax {
    static final String MARKER = "<tool_call>";
    static final String END = "</tool_call>";

    /** A small model may call for ever; OpenAI's own models rarely make more at once. */
    private static final int MAX_CALLS = 16;

    /** A model that was made to call, and not its own will, is even less sure of when to stop. */
    private static final int MAX_REQUIRED_CALLS = 4;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,128}");
    private static final Expression LINE = optional(text("\n"));
    private static final Expression BLANK = optional(text(" "));

    private CallSyntax() {}

    /** Whether a chat template writes calls this way by itself. */
    static boolean isUsedBy(String template) {
        return template.contains("tools") && template.contains(MARKER) && !template.contains("<function=");
    }

    /** The calls that a request allows: from the first marker on, or from right after it. */
    static Grammar grammar(List<Tool> tools, ToolChoice choice, boolean withMarker) {
        Map<String, Expression> rules = new LinkedHashMap<>();
        List<Expression> calls = new ArrayList<>();
        for (int i = 0; i < tools.size(); i++) {
            Tool tool = tools.get(i);
            String field = "tools[" + i + "].function";
            if (!NAME.matcher(tool.name()).matches()) {
                throw DecentralException.invalid(
                        field + ".name", field + ".name must have 1 to 128 letters, digits, _, - and .");
            }
            if (choice.kind() != ToolChoice.Kind.FUNCTION || tool.name().equals(choice.function())) {
                Expression arguments = arguments(tool, field + ".parameters", rules, "tool-" + i);
                calls.add(call(tool.name(), arguments));
            }
        }
        if (calls.isEmpty()) {
            throw DecentralException.invalid("tool_choice", "tool_choice names no function that is among the tools");
        }
        rules.put("call", new Expression.Either(calls));
        Expression one = new Expression.Reference("call");
        Expression more = chain(LINE, text(END));
        Expression all = one;
        if (choice.kind() != ToolChoice.Kind.FUNCTION) {
            // After a single forced call nothing is worth a token; otherwise the end tells that one more may follow.
            int most = choice.kind() == ToolChoice.Kind.REQUIRED ? MAX_REQUIRED_CALLS : MAX_CALLS;
            all = chain(one, more, new Expression.Repeat(chain(LINE, text(MARKER), one, more), 0, most - 1));
        }
        rules.put("calls", withMarker ? chain(text(MARKER), all) : all);
        try {
            return Grammar.of(rules, "calls");
        } catch (GrammarException e) {
            throw DecentralException.invalid("tools", "the tools' schemas are too much: " + e.message());
        }
    }

    private static Expression call(String name, Expression arguments) {
        return chain(
                LINE,
                text("{"),
                text("\"name\":"),
                BLANK,
                text("\"" + name + "\","),
                BLANK,
                text("\"arguments\":"),
                BLANK,
                arguments,
                text("}"));
    }

    private static Expression arguments(Tool tool, String field, Map<String, Expression> rules, String prefix) {
        try {
            Expression arguments = JsonSchema.convertObject(tool.parametersSchema(), rules, prefix);
            // Alone, so that one that is too large is known by its name.
            Map<String, Expression> alone = new LinkedHashMap<>(rules);
            alone.put("arguments", arguments);
            Objects.requireNonNull(Grammar.of(alone, "arguments"));
            return arguments;
        } catch (SchemaException e) {
            if (e.isUnsupported() && !tool.strict()) {
                return JsonSchema.anyObject(rules);
            }
            throw refusal(e, field);
        } catch (GrammarException e) {
            if (!tool.strict()) {
                return JsonSchema.anyObject(rules);
            }
            throw DecentralException.invalid(field, field + ": " + e.message());
        }
    }

    /** How a schema that cannot be used is answered. */
    static DecentralException refusal(SchemaException e, String where) {
        return e.isUnsupported()
                ? DecentralException.unsupported(where + ": " + e.message()).at(where)
                : DecentralException.invalid(where, where + ": " + e.message());
    }
}
