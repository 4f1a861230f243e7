package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keywords of one schema that say something about what is valid. One thread. */
final class Keywords {
    private static final int MAX_COUNT = 1_000_000;
    private static final Set<String> OF_OBJECTS = Set.of("properties", "required", "additionalProperties");
    private static final Set<String> OF_ARRAYS = Set.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems");
    private static final Set<String> OF_TEXTS = Set.of("minLength", "maxLength", "pattern", "format");
    private static final Set<String> OF_NUMBERS =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    private final ObjectNode node;

    Keywords(ObjectNode schema) {
        this.node = schema.deepCopy();
        Iterator<String> names = node.fieldNames();
        while (names.hasNext()) {
            if (JsonSchema.isAnnotation(names.next())) {
                names.remove();
            }
        }
    }

    /** What is left. */
    ObjectNode node() {
        return node;
    }

    boolean isEmpty() {
        return node.isEmpty();
    }

    boolean has(String keyword) {
        return node.has(keyword);
    }

    @Nullable JsonNode get(String keyword) {
        return node.get(keyword);
    }

    /** A keyword's value, which is not seen again; null if it is not there. */
    @Nullable JsonNode take(String keyword) {
        return node.remove(keyword);
    }

    /** What {@code type} says, in its order; empty if it is not there. */
    Set<String> types() {
        JsonNode type = node.remove("type");
        Set<String> types = new LinkedHashSet<>();
        if (type == null) {
            return types;
        }
        if (type.isTextual()) {
            types.add(type.textValue());
        } else if (type.isArray() && !type.isEmpty()) {
            type.forEach(each -> types.add(JsonSchema.text("type", each)));
        } else {
            throw SchemaException.invalid("type must be a text or a list of texts, not " + JsonSchema.shown(type));
        }
        return types;
    }

    /** The type whose keywords are there, since whoever writes them means it. */
    Set<String> impliedTypes() {
        Set<String> types = new LinkedHashSet<>();
        node.fieldNames().forEachRemaining(name -> {
            if (OF_OBJECTS.contains(name)) {
                types.add("object");
            } else if (OF_ARRAYS.contains(name)) {
                types.add("array");
            } else if (OF_TEXTS.contains(name)) {
                types.add("string");
            } else if (OF_NUMBERS.contains(name)) {
                types.add("number");
            }
        });
        return types;
    }

    /** A keyword that counts something; {@code otherwise} if it is not there. */
    int count(String keyword, int otherwise) {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return otherwise;
        }
        if (!value.isNumber()
                || !value.canConvertToExactIntegral()
                || value.decimalValue().signum() < 0) {
            throw SchemaException.invalid(keyword + " must be a count, not " + JsonSchema.shown(value));
        }
        if (value.decimalValue().compareTo(BigDecimal.valueOf(MAX_COUNT)) > 0) {
            throw SchemaException.unsupported(keyword + " above " + MAX_COUNT);
        }
        return value.intValue();
    }

    /** A keyword that is a number; null if it is not there. */
    @Nullable BigDecimal number(String keyword) {
        JsonNode value = node.get(keyword);
        if (value != null && !value.isNumber()) {
            throw SchemaException.unsupported(keyword + " " + JsonSchema.shown(value));
        }
        return value == null ? null : value.decimalValue();
    }

    /** Refuses whatever is left. */
    void refuse(String where) {
        if (!node.isEmpty()) {
            throw SchemaException.unsupported(
                    "keyword '" + node.fieldNames().next() + "'" + (where.isEmpty() ? "" : " " + where));
        }
    }

    /** Refuses what no form of value knows; what belongs to other types than those that may come says nothing. */
    void refuseUnknown() {
        node.fieldNames().forEachRemaining(name -> {
            if (!OF_OBJECTS.contains(name)
                    && !OF_ARRAYS.contains(name)
                    && !OF_TEXTS.contains(name)
                    && !OF_NUMBERS.contains(name)) {
                throw SchemaException.unsupported("keyword '" + name + "'");
            }
        });
    }
}
