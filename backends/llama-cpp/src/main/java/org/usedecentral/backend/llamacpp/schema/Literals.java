package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/** Given values as they are written. */
final class Literals {
    private Literals() {}

    static Expression of(JsonNode value) {
        if (value.isTextual()) {
            return Expression.text(JsonGrammar.literal(value.textValue()));
        }
        List<Expression> parts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(item -> parts.add(of(item)));
            return wrapped("[", parts, "]");
        }
        if (value.isObject()) {
            value.properties()
                    .forEach(entry -> parts.add(Expression.chain(
                            Expression.text(JsonGrammar.literal(entry.getKey())),
                            JsonGrammar.COLON,
                            of(entry.getValue()))));
            return wrapped("{", parts, "}");
        }
        return Expression.text(value.toString());
    }

    private static Expression wrapped(String open, List<Expression> parts, String close) {
        List<Expression> all = new ArrayList<>();
        all.add(Expression.text(open));
        all.add(JsonGrammar.SPACE);
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                all.add(JsonGrammar.COMMA);
            }
            all.add(parts.get(i));
        }
        all.add(JsonGrammar.SPACE);
        all.add(Expression.text(close));
        return new Expression.Chain(all);
    }
}
