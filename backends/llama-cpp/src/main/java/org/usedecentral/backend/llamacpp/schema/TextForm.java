package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/** Texts: by length, by pattern or by format, one of the three. */
final class TextForm {
    private TextForm() {}

    static Expression of(Keywords schema) {
        JsonNode pattern = schema.get("pattern");
        JsonNode format = schema.get("format");
        boolean bounded = schema.has("minLength") || schema.has("maxLength");
        if ((pattern != null ? 1 : 0) + (format != null ? 1 : 0) + (bounded ? 1 : 0) > 1) {
            throw SchemaException.unsupported(
                    "a text with more than one of pattern, format and length (a pattern can say its length)");
        }
        if (pattern != null) {
            return JsonGrammar.quoted(RegularExpression.content(JsonSchema.text("pattern", pattern)));
        }
        if (format != null) {
            return JsonGrammar.quoted(RegularExpression.format(JsonSchema.text("format", format)));
        }
        int min = schema.count("minLength", 0);
        int max = schema.count("maxLength", Expression.UNLIMITED);
        if (max != Expression.UNLIMITED && max < min) {
            throw SchemaException.invalid("maxLength is less than minLength");
        }
        return JsonGrammar.string(min, max);
    }
}
