package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/** Objects: declared members in their order, required or not, then others if they are allowed. */
final class ObjectForm {
    private static final int MAX_MEMBERS = 500;

    private ObjectForm() {}

    static Expression of(Keywords schema, JsonSchema.Parts parts) {
        JsonNode declared = schema.get("properties");
        JsonNode additional = schema.get("additionalProperties");
        Set<String> required = required(schema.get("required"));
        if (declared != null && !declared.isObject()) {
            throw SchemaException.invalid("properties must be an object, not " + JsonSchema.shown(declared));
        }
        Map<String, JsonNode> members = new LinkedHashMap<>();
        if (declared != null) {
            declared.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
        }
        boolean closed = additional != null && additional.isBoolean() && !additional.booleanValue();
        boolean open = additional == null ? members.isEmpty() : !closed;
        Map<String, Expression> values = new LinkedHashMap<>();
        members.forEach((name, value) -> values.put(name, parts.value(value)));
        for (String name : required) {
            if (!values.containsKey(name)) {
                if (closed) {
                    throw SchemaException.invalid("'" + name + "' is required, and additionalProperties forbids it");
                }
                values.put(name, parts.value(additional));
            }
        }
        if (values.size() > MAX_MEMBERS) {
            throw SchemaException.unsupported("an object of more than " + MAX_MEMBERS + " properties");
        }
        Expression others = null;
        if (open) {
            others = JsonGrammar.members(JsonGrammar.keyBut(List.copyOf(values.keySet())), parts.value(additional));
        }
        return members(values, required, others, parts);
    }

    private static Set<String> required(@Nullable JsonNode names) {
        Set<String> required = new LinkedHashSet<>();
        if (names != null) {
            if (!names.isArray()) {
                throw SchemaException.invalid("required must be a list of names, not " + JsonSchema.shown(names));
            }
            names.forEach(name -> required.add(JsonSchema.text("required", name)));
        }
        return required;
    }

    /** From the last member to the first: what may follow if something came before, and what if nothing did. */
    private static Expression members(
            Map<String, Expression> values, Set<String> required, @Nullable Expression others, JsonSchema.Parts parts) {
        Expression nothing = Expression.text("");
        Expression afterOne =
                others == null ? nothing : Expression.optional(Expression.chain(JsonGrammar.COMMA, others));
        Expression asFirst = others == null ? nothing : Expression.optional(others);
        List<Map.Entry<String, Expression>> entries = new ArrayList<>(values.entrySet());
        for (Map.Entry<String, Expression> entry : entries.reversed()) {
            Expression member = parts.rule(Expression.chain(
                    Expression.text(JsonGrammar.literal(entry.getKey())), JsonGrammar.COLON, entry.getValue()));
            Expression rest = parts.rule(afterOne);
            Expression here = Expression.chain(member, rest);
            if (required.contains(entry.getKey())) {
                asFirst = here;
                afterOne = Expression.chain(JsonGrammar.COMMA, here);
            } else {
                asFirst = Expression.either(here, parts.rule(asFirst));
                afterOne = Expression.either(Expression.chain(JsonGrammar.COMMA, here), rest);
            }
        }
        return JsonGrammar.braces(asFirst);
    }
}
