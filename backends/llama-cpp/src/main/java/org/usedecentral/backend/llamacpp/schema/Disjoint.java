package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether two schemas are known to have no value in common: by type, by given values, or by a member that tells. */
final class Disjoint {
    private Disjoint() {}

    static boolean are(JsonNode a, JsonNode b) {
        Set<JsonNode> valuesA = values(a);
        Set<JsonNode> valuesB = values(b);
        if (valuesA != null && valuesB != null) {
            return valuesA.stream().noneMatch(valuesB::contains);
        }
        if (valuesA != null || valuesB != null) {
            Set<String> types = types(valuesA == null ? a : b);
            Set<JsonNode> values = valuesA == null ? valuesB : valuesA;
            return types != null && values != null && values.stream().noneMatch(value -> hasType(value, types));
        }
        Set<String> typesA = types(a);
        Set<String> typesB = types(b);
        if (typesA == null || typesB == null) {
            return false;
        }
        if (!overlap(typesA, typesB)) {
            return true;
        }
        return typesA.equals(Set.of("object")) && typesB.equals(Set.of("object")) && toldApart(a, b);
    }

    /** By a member that both require and for which they have no value in common. */
    private static boolean toldApart(JsonNode a, JsonNode b) {
        for (JsonNode name : a.path("required")) {
            boolean both = false;
            for (JsonNode other : b.path("required")) {
                both |= other.equals(name);
            }
            JsonNode inA = a.path("properties").path(name.asText());
            JsonNode inB = b.path("properties").path(name.asText());
            if (both && inA.isObject() && inB.isObject() && are(inA, inB)) {
                return true;
            }
        }
        return false;
    }

    private static boolean overlap(Set<String> a, Set<String> b) {
        return a.stream()
                .anyMatch(type -> b.contains(type)
                        || (type.equals("integer") && b.contains("number"))
                        || (type.equals("number") && b.contains("integer")));
    }

    private static @Nullable Set<JsonNode> values(JsonNode schema) {
        Set<JsonNode> values = new HashSet<>();
        if (schema.has("const")) {
            values.add(schema.get("const"));
        } else if (schema.path("enum").isArray()) {
            schema.get("enum").forEach(values::add);
        } else {
            return null;
        }
        // 1 and 1.0 are one value and two nodes.
        return values.stream().anyMatch(JsonNode::isNumber) ? null : values;
    }

    private static @Nullable Set<String> types(JsonNode schema) {
        JsonNode type = schema.path("type");
        Set<String> types = new HashSet<>();
        if (type.isTextual()) {
            types.add(type.textValue());
        } else if (type.isArray()) {
            type.forEach(each -> types.add(each.asText()));
        }
        if (schema.path("nullable").booleanValue()) {
            types.add("null");
        }
        return types.isEmpty() ? null : types;
    }

    static boolean hasType(JsonNode value, Set<String> types) {
        return switch (value.getNodeType()) {
            case STRING -> types.contains("string");
            case BOOLEAN -> types.contains("boolean");
            case NULL -> types.contains("null");
            case ARRAY -> types.contains("array");
            case OBJECT -> types.contains("object");
            case NUMBER -> types.contains("number") || (types.contains("integer") && value.canConvertToExactIntegral());
            default -> false;
        };
    }
}
