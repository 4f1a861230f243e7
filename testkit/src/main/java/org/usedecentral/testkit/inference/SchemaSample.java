package org.usedecentral.testkit.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.usedecentral.spi.DecentralException;

/** A small value that satisfies a JSON schema: the same for the same schema. */
final class SchemaSample {
    private static final int MOST_DEEP = 32;
    private static final int MOST_ITEMS = 1_000;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final JsonNode root;

    private SchemaSample(JsonNode root) {
        this.root = root;
    }

    /**
     * The value as compact JSON.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is no schema; {@code UNSUPPORTED_FEATURE} if the value found does not satisfy it
     */
    static String of(String schema) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(schema);
        } catch (JsonProcessingException e) {
            throw DecentralException.invalid(
                    "response_format", "the JSON schema is no JSON: " + e.getOriginalMessage());
        }
        if (!root.isObject() && !root.isBoolean()) {
            throw DecentralException.invalid("response_format", "a JSON schema is an object, not " + schema);
        }
        String json = new SchemaSample(root).value(root, 0).toString();
        List<String> faults = Schemas.faults(schema, json);
        if (!faults.isEmpty()) {
            throw DecentralException.unsupported("a schema that a scripted backend cannot fill (" + faults + ")");
        }
        return json;
    }

    private JsonNode value(JsonNode schema, int depth) {
        if (depth > MOST_DEEP) {
            throw DecentralException.unsupported("a schema more than " + MOST_DEEP + " deep");
        }
        if (schema.has("const")) {
            return schema.get("const");
        }
        if (schema.path("enum").isArray()) {
            return schema.get("enum").path(0);
        }
        if (schema.has("$ref")) {
            return value(root.at(schema.get("$ref").asText().replaceFirst("^#", "")), depth + 1);
        }
        for (String choice : List.of("anyOf", "oneOf", "allOf")) {
            if (schema.path(choice).isArray()) {
                return value(schema.get(choice).path(0), depth + 1);
            }
        }
        return switch (type(schema)) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "string" -> JSON.textNode(text(schema));
            case "integer", "number" -> JSON.numberNode(number(schema));
            case "boolean" -> JSON.booleanNode(true);
            default -> JSON.nullNode();
        };
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isArray()) {
            return type.path(0).asText();
        }
        return type.isTextual() ? type.asText() : schema.has("properties") ? "object" : "string";
    }

    private ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = JSON.objectNode();
        for (JsonNode name : schema.path("required")) {
            object.set(name.asText(), value(schema.path("properties").path(name.asText()), depth + 1));
        }
        return object;
    }

    private ArrayNode array(JsonNode schema, int depth) {
        ArrayNode array = JSON.arrayNode();
        int items = Math.min(MOST_ITEMS, schema.path("minItems").asInt());
        for (int i = 0; i < items; i++) {
            array.add(value(schema.path("items"), depth + 1));
        }
        return array;
    }

    private static String text(JsonNode schema) {
        String text = "Zürich";
        int least = Math.min(MOST_ITEMS, schema.path("minLength").asInt());
        text += "x".repeat(Math.max(0, least - text.length()));
        return text.substring(
                0, Math.min(text.length(), schema.path("maxLength").asInt(MOST_ITEMS)));
    }

    private static long number(JsonNode schema) {
        long least = schema.has("exclusiveMinimum")
                ? (long) Math.floor(schema.get("exclusiveMinimum").asDouble()) + 1
                : (long) Math.ceil(schema.path("minimum")
                        .asDouble(Math.min(1, schema.path("maximum").asDouble(1))));
        long step = Math.max(1, schema.path("multipleOf").asLong(1));
        return Math.ceilDiv(least, step) * step;
    }
}
