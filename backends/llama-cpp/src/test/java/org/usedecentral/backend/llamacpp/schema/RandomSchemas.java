package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;

/** Schemas of the keywords that are converted, documents that satisfy them, and such that may not. */
final class RandomSchemas {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String[] NAMES = {"a", "ab", "b", "c\"d", "é"};
    private static final String CHARACTERS = "ab\"\\\n \u00e9\u4e16{}[]:,0";

    private final Random random;

    RandomSchemas(Random random) {
        this.random = random;
    }

    JsonNode schema(int depth) {
        ObjectNode schema = NODES.objectNode();
        switch (random.nextInt(depth == 0 ? 5 : 8)) {
            case 0 -> {
                int min = random.nextInt(3);
                schema.put("type", "string").put("minLength", min).put("maxLength", min + random.nextInt(4));
            }
            case 1 -> {
                int min = random.nextInt(400) - 200;
                schema.put("type", "integer").put("minimum", min).put("maximum", min + random.nextInt(150));
            }
            case 2 -> schema.put("type", "boolean");
            case 3 -> schema.putArray("enum").add("x").add(random.nextInt(20)).addNull();
            case 4 -> {
                int min = random.nextInt(6) - 3;
                schema.put("type", "number").put("minimum", min).put("maximum", min + 1 + random.nextInt(3));
            }
            case 5 -> array(schema, depth);
            case 6 -> object(schema, depth);
            default -> {
                ArrayNode branches = schema.putArray("anyOf");
                branches.add(schema(depth - 1));
                branches.add(schema(depth - 1));
            }
        }
        return schema;
    }

    private void array(ObjectNode schema, int depth) {
        int min = random.nextInt(3);
        schema.put("type", "array").put("minItems", min).put("maxItems", min + random.nextInt(3));
        schema.set("items", schema(depth - 1));
        if (random.nextBoolean()) {
            ArrayNode prefix = schema.putArray("prefixItems");
            prefix.add(schema(depth - 1));
        }
    }

    private void object(ObjectNode schema, int depth) {
        schema.put("type", "object").put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        for (String name : NAMES) {
            if (random.nextBoolean()) {
                properties.set(name, schema(depth - 1));
                if (random.nextBoolean()) {
                    required.add(name);
                }
            }
        }
    }

    JsonNode document(JsonNode schema) {
        if (schema.has("enum")) {
            return schema.get("enum").get(random.nextInt(3));
        }
        if (schema.has("anyOf")) {
            return document(schema.get("anyOf").get(random.nextInt(2)));
        }
        return switch (schema.path("type").asText()) {
            case "string" -> NODES.textNode(text(between(schema, "minLength", "maxLength")));
            case "integer" -> NODES.numberNode(between(schema, "minimum", "maximum"));
            case "boolean" -> NODES.booleanNode(random.nextBoolean());
            case "number" -> {
                int low = schema.get("minimum").intValue();
                int steps = (schema.get("maximum").intValue() - low) * 8;
                int eighths = random.nextInt(steps + 1);
                yield eighths % 8 == 0 ? NODES.numberNode(low + eighths / 8) : NODES.numberNode(low + eighths / 8.0);
            }
            case "array" -> {
                ArrayNode array = NODES.arrayNode();
                int size = between(schema, "minItems", "maxItems");
                for (int i = 0; i < size; i++) {
                    boolean first = i == 0 && schema.has("prefixItems");
                    array.add(document(first ? schema.get("prefixItems").get(0) : schema.get("items")));
                }
                yield array;
            }
            default -> {
                ObjectNode object = NODES.objectNode();
                List<String> required = schema.get("required")
                        .valueStream()
                        .map(JsonNode::asText)
                        .toList();
                schema.get("properties").properties().forEach(entry -> {
                    if (required.contains(entry.getKey()) || random.nextBoolean()) {
                        object.set(entry.getKey(), document(entry.getValue()));
                    }
                });
                yield object;
            }
        };
    }

    private int between(JsonNode schema, String low, String high) {
        int least = schema.get(low).intValue();
        return least + random.nextInt(schema.get(high).intValue() - least + 1);
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
        }
        return text.toString();
    }

    /** The document with one thing changed somewhere, which may make it wrong. */
    JsonNode changed(JsonNode document) {
        if (document.isObject() && !document.isEmpty() && random.nextInt(3) > 0) {
            ObjectNode copy = document.deepCopy();
            List<String> names = JsonSchemaTest.names(copy);
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(3)) {
                case 0 -> copy.remove(name);
                case 1 -> copy.put("other", 1);
                default -> copy.set(name, changed(copy.get(name)));
            }
            return copy;
        }
        if (document.isArray() && random.nextInt(3) > 0) {
            ArrayNode copy = document.deepCopy();
            if (!copy.isEmpty() && random.nextBoolean()) {
                copy.remove(random.nextInt(copy.size()));
            } else {
                copy.add(random.nextInt(4));
            }
            return copy;
        }
        return switch (random.nextInt(5)) {
            case 0 -> NODES.textNode(text(random.nextInt(6)));
            case 1 -> NODES.numberNode(random.nextInt(600) - 300);
            case 2 -> NODES.nullNode();
            case 3 -> NODES.arrayNode();
            default -> NODES.objectNode();
        };
    }
}
