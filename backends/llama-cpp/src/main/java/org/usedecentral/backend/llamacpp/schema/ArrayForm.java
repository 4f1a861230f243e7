package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/** Lists: those of {@code prefixItems} first, then any number of {@code items}. */
final class ArrayForm {
    private ArrayForm() {}

    static Expression of(Keywords schema, JsonSchema.Parts parts) {
        JsonNode unique = schema.get("uniqueItems");
        if (unique != null && !(unique.isBoolean() && !unique.booleanValue())) {
            throw SchemaException.unsupported("keyword 'uniqueItems'");
        }
        JsonNode items = schema.get("items");
        if (items != null && items.isArray()) {
            throw SchemaException.unsupported("items as a list of schemas (prefixItems takes them)");
        }
        int min = schema.count("minItems", 0);
        int max = schema.count("maxItems", Expression.UNLIMITED);
        if (max != Expression.UNLIMITED && max < min) {
            throw SchemaException.invalid("maxItems is less than minItems");
        }
        JsonNode prefix = schema.get("prefixItems");
        if (prefix == null) {
            if (items != null && items.isBoolean() && !items.booleanValue()) {
                max = 0;
            }
            if (max == 0) {
                return min > 0 ? none(min) : JsonGrammar.array(JsonGrammar.NULL, 0, 0);
            }
            return JsonGrammar.array(parts.value(items), min, max);
        }
        if (!prefix.isArray() || prefix.isEmpty()) {
            throw SchemaException.invalid("prefixItems must be a list of schemas");
        }
        List<Expression> first = new ArrayList<>();
        prefix.forEach(item -> first.add(parts.value(item)));
        boolean goesOn = items != null && !(items.isBoolean() && !items.booleanValue());
        if (!goesOn && min > first.size()) {
            return none(min);
        }
        return tuple(first, goesOn ? parts.value(items) : JsonGrammar.NULL, new Bounds(min, max, goesOn));
    }

    private static Expression none(int min) {
        throw SchemaException.invalid("minItems is " + min + ", and items allows fewer");
    }

    private record Bounds(int min, int max, boolean goesOn) {
        boolean allows(int count) {
            return max == Expression.UNLIMITED || count <= max;
        }
    }

    /** From the last item to the first, each with the comma before it. */
    private static Expression tuple(List<Expression> first, Expression item, Bounds bounds) {
        int size = first.size();
        Expression rest = Expression.text("");
        if (bounds.goesOn() && bounds.allows(size + 1)) {
            int most = bounds.max() == Expression.UNLIMITED ? Expression.UNLIMITED : bounds.max() - size;
            rest = JsonGrammar.repeat(
                    Expression.chain(JsonGrammar.COMMA, item), Math.max(0, bounds.min() - size), most);
        }
        for (int i = size - 1; i >= 0; i--) {
            if (!bounds.allows(i + 1)) {
                rest = Expression.text("");
                continue;
            }
            Expression here = Expression.chain(first.get(i), rest);
            Expression separated = i == 0 ? here : Expression.chain(JsonGrammar.COMMA, here);
            rest = i < bounds.min() ? separated : Expression.optional(separated);
        }
        return Expression.chain(Expression.text("["), JsonGrammar.SPACE, rest, JsonGrammar.SPACE, Expression.text("]"));
    }
}
