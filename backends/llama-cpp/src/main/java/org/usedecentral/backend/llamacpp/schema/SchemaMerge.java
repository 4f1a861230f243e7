package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * One schema for several that must all hold: what each says, where no two say something about the same. Members of
 * objects are merged one by one. One use.
 */
final class SchemaMerge {
    private static final int MAX_STEPS = 1000;

    private final Targets targets;
    private int steps;

    /** Finds what a {@code $ref} means. */
    interface Targets {
        JsonNode target(String pointer);
    }

    SchemaMerge(Targets targets) {
        this.targets = targets;
    }

    /** All of {@code schemas} together, without {@code $ref} and {@code allOf}. */
    ObjectNode merge(JsonNode... schemas) {
        ObjectNode merged = JsonNodeFactory.instance.objectNode();
        for (JsonNode schema : schemas) {
            add(merged, schema);
        }
        return merged;
    }

    private void add(ObjectNode merged, JsonNode schema) {
        if (++steps > MAX_STEPS) {
            throw SchemaException.unsupported("allOf or $ref beside other keywords, where it leads back to itself,");
        }
        if (schema.isBoolean() && schema.booleanValue()) {
            return;
        }
        if (!schema.isObject()) {
            throw SchemaException.invalid("a schema that must hold with others is " + JsonSchema.shown(schema));
        }
        for (Map.Entry<String, JsonNode> entry : schema.properties()) {
            String keyword = entry.getKey();
            JsonNode value = entry.getValue();
            switch (keyword) {
                case "$ref" -> add(merged, targets.target(JsonSchema.text("$ref", value)));
                case "allOf" -> {
                    if (!value.isArray() || value.isEmpty()) {
                        throw SchemaException.invalid("allOf must be a list of schemas");
                    }
                    value.forEach(each -> add(merged, each));
                }
                case "properties" -> addProperties(merged.withObjectProperty("properties"), value);
                case "required" -> addNames(merged.withArrayProperty("required"), value);
                default -> addOther(merged, keyword, value);
            }
        }
    }

    private void addOther(ObjectNode merged, String keyword, JsonNode value) {
        if (JsonSchema.isAnnotation(keyword)) {
            return;
        }
        JsonNode known = merged.get(keyword);
        if (known != null && !known.equals(value)) {
            throw SchemaException.unsupported("keyword '" + keyword + "' in two schemas that must both hold");
        }
        if (keyword.equals("additionalProperties") && !(value.isBoolean() && value.booleanValue())) {
            throw SchemaException.unsupported("additionalProperties beside allOf, anyOf, oneOf or $ref");
        }
        merged.set(keyword, value);
    }

    private void addProperties(ObjectNode merged, JsonNode properties) {
        for (Map.Entry<String, JsonNode> entry : properties.properties()) {
            JsonNode known = merged.get(entry.getKey());
            merged.set(entry.getKey(), known == null ? entry.getValue() : merge(known, entry.getValue()));
        }
    }

    private static void addNames(ArrayNode merged, JsonNode names) {
        for (JsonNode name : names) {
            boolean known = false;
            for (JsonNode each : merged) {
                known |= each.equals(name);
            }
            if (!known) {
                merged.add(name);
            }
        }
    }
}
