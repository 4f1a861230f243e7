package org.usedecentral.backend.llamacpp.schema;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/**
 * Makes grammars of JSON schemas (2020-12). What such a grammar accepts satisfies the schema; it may leave out some of
 * what would: members come in the order they are declared, none comes that is not declared unless
 * {@code additionalProperties} says so, numbers have at most 16 digits, values that no schema describes are nested at most
 * {@link JsonGrammar#DEPTH} deep. What cannot be held to is refused by name, never dropped. One thread.
 */
public final class JsonSchema {
    private static final int MAX_LENGTH = 256 * 1024;
    private static final int MAX_NESTING = 64;

    /** They say nothing about what is valid. */
    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "example",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$comment",
            "$schema",
            "$id",
            "$defs",
            "definitions",
            "contentEncoding",
            "contentMediaType");

    private static final JsonMapper MAPPER = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(2 * MAX_NESTING)
                            .maxNumberLength(100)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Map<String, Expression> rules;
    private final String prefix;
    private final JsonNode root;
    private final Map<String, String> references = new HashMap<>();
    private int depth;

    private JsonSchema(Map<String, Expression> rules, String prefix, JsonNode root) {
        this.rules = rules;
        this.prefix = prefix;
        this.root = root;
    }

    /**
     * The values that satisfy a schema; the rules they need are added with names that begin with {@code prefix}.
     *
     * @throws SchemaException naming what is wrong with the schema or cannot be honoured
     */
    public static Expression convert(String schema, Map<String, Expression> rules, String prefix) {
        JsonNode root = parse(schema);
        return new JsonSchema(rules, prefix, root).value(root);
    }

    /** The objects that satisfy a schema, which may allow other values; as {@link #convert}. */
    public static Expression convertObject(String schema, Map<String, Expression> rules, String prefix) {
        JsonNode root = parse(schema);
        JsonNode objects = root;
        if (root.isObject() && !root.has("type")) {
            objects = ((ObjectNode) root.deepCopy()).put("type", "object");
        }
        if (!objects.path("type").asText().equals("object")) {
            throw SchemaException.invalid("the schema must be of type object");
        }
        return new JsonSchema(rules, prefix, root).value(objects);
    }

    private static JsonNode parse(String schema) {
        if (schema.length() > MAX_LENGTH) {
            throw SchemaException.unsupported("a schema of more than " + MAX_LENGTH + " characters");
        }
        try {
            return MAPPER.readTree(schema);
        } catch (JacksonException e) {
            throw SchemaException.invalid("the schema is not JSON: " + e.getOriginalMessage());
        }
    }

    /** Any JSON object; the rules it needs are added. */
    public static Expression anyObject(Map<String, Expression> rules) {
        return JsonGrammar.anyObject(rules);
    }

    private Expression value(@Nullable JsonNode schema) {
        if (schema == null || (schema.isBoolean() && schema.booleanValue())) {
            return JsonGrammar.any(rules, JsonGrammar.DEPTH);
        }
        if (schema.isBoolean()) {
            throw SchemaException.invalid("the schema false accepts nothing");
        }
        if (!(schema instanceof ObjectNode object)) {
            throw SchemaException.invalid("a schema must be an object or a boolean, not " + shown(schema));
        }
        if (++depth > MAX_NESTING) {
            throw SchemaException.unsupported("a schema nested more than " + MAX_NESTING + " deep");
        }
        Expression value = described(new Keywords(object));
        depth--;
        return value;
    }

    private Expression described(Keywords schema) {
        JsonNode reference = schema.take("$ref");
        if (reference != null && schema.isEmpty()) {
            return reference(text("$ref", reference));
        }
        if (reference != null || schema.has("allOf")) {
            return described(new Keywords(new SchemaMerge(this::target).merge(schema.node())));
        }
        JsonNode nullable = schema.take("nullable");
        if (nullable != null && nullable.booleanValue()) {
            return Expression.either(described(schema), JsonGrammar.NULL);
        }
        JsonNode branches = schema.take("anyOf");
        if (branches != null) {
            return branches("anyOf", branches, schema);
        }
        branches = schema.take("oneOf");
        if (branches != null) {
            requireDisjoint(branches);
            return branches("oneOf", branches, schema);
        }
        JsonNode constant = schema.take("const");
        JsonNode values = schema.take("enum");
        if (constant != null || values != null) {
            return constants(constant, values, schema);
        }
        return typed(schema);
    }

    private Expression branches(String keyword, JsonNode branches, Keywords beside) {
        if (!branches.isArray() || branches.isEmpty()) {
            throw SchemaException.invalid(keyword + " must be a list of schemas");
        }
        List<Expression> ways = new ArrayList<>();
        for (JsonNode branch : branches) {
            if (beside.isEmpty()) {
                ways.add(value(branch));
            } else {
                ways.add(value(new SchemaMerge(this::target).merge(beside.node(), branch)));
            }
        }
        return new Expression.Either(ways);
    }

    /** A value that satisfies two branches satisfies no oneOf; they must be known to have none in common. */
    private void requireDisjoint(JsonNode branches) {
        for (int i = 0; i < branches.size(); i++) {
            for (int k = 0; k < i; k++) {
                if (!Disjoint.are(resolved(branches.get(i)), resolved(branches.get(k)))) {
                    throw SchemaException.unsupported(
                            "oneOf whose branches may have values in common (anyOf takes them)");
                }
            }
        }
    }

    private JsonNode resolved(JsonNode schema) {
        JsonNode at = schema;
        for (int i = 0; i < MAX_NESTING && at.path("$ref").isTextual(); i++) {
            at = target(at.path("$ref").textValue());
        }
        return at;
    }

    private Expression constants(@Nullable JsonNode constant, @Nullable JsonNode values, Keywords schema) {
        if (values != null && (!values.isArray() || values.isEmpty())) {
            throw SchemaException.invalid("enum must be a list of values");
        }
        Set<String> types = new TreeSet<>(schema.types());
        schema.refuse("beside const or enum");
        List<JsonNode> candidates = new ArrayList<>();
        if (constant != null) {
            candidates.add(constant);
        } else if (values != null) {
            values.forEach(candidates::add);
        }
        List<Expression> ways = new ArrayList<>();
        for (JsonNode candidate : candidates) {
            boolean listed = constant == null || values == null || contains(values, constant);
            if (listed && (types.isEmpty() || Disjoint.hasType(candidate, types))) {
                ways.add(Literals.of(candidate));
            }
        }
        if (ways.isEmpty()) {
            throw SchemaException.invalid("no value of const or enum is of the type");
        }
        return new Expression.Either(ways);
    }

    private static boolean contains(JsonNode values, JsonNode value) {
        for (JsonNode each : values) {
            if (each.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private Expression typed(Keywords schema) {
        Set<String> types = schema.types();
        if (types.isEmpty()) {
            types = schema.impliedTypes();
        }
        if (types.isEmpty()) {
            schema.refuse("");
            return JsonGrammar.any(rules, JsonGrammar.DEPTH);
        }
        Parts parts = new Parts(this::value, rules, prefix);
        List<Expression> ways = new ArrayList<>();
        for (String type : types) {
            ways.add(
                    switch (type) {
                        case "object" -> ObjectForm.of(schema, parts);
                        case "array" -> ArrayForm.of(schema, parts);
                        case "string" -> TextForm.of(schema);
                        case "integer" -> NumberForm.integer(schema);
                        case "number" -> NumberForm.number(schema);
                        case "boolean" -> JsonGrammar.BOOLEAN;
                        case "null" -> JsonGrammar.NULL;
                        default -> throw SchemaException.invalid("there is no type '" + type + "'");
                    });
        }
        schema.refuseUnknown();
        return new Expression.Either(ways);
    }

    /** What the forms of values need of the converter. */
    record Parts(Converter converter, Map<String, Expression> rules, String prefix) {
        Expression value(@Nullable JsonNode schema) {
            return converter.value(schema);
        }

        /** A rule of its own for what is used in more than one place. */
        Expression rule(Expression expression) {
            String name = prefix + "-" + rules.size();
            rules.put(name, expression);
            return new Expression.Reference(name);
        }
    }

    /** Converts the schema of a part. */
    interface Converter {
        Expression value(@Nullable JsonNode schema);
    }

    private Expression reference(String pointer) {
        String known = references.get(pointer);
        if (known == null) {
            JsonNode target = target(pointer);
            known = prefix + "-ref-" + references.size();
            references.put(pointer, known);
            int outer = depth;
            // A rule of its own: what it refers to may refer to it again.
            depth = Math.min(depth, MAX_NESTING / 2);
            rules.put(known, value(target));
            depth = outer;
        }
        return new Expression.Reference(known);
    }

    private JsonNode target(String pointer) {
        if (!pointer.startsWith("#")) {
            throw SchemaException.unsupported("$ref to another document ('" + pointer + "')");
        }
        JsonNode target;
        try {
            target = root.at(pointer.substring(1));
        } catch (IllegalArgumentException _) {
            throw SchemaException.unsupported("$ref '" + pointer + "', which is no JSON pointer");
        }
        if (target.isMissingNode()) {
            throw SchemaException.invalid("$ref '" + pointer + "' leads nowhere");
        }
        return target;
    }

    static String text(String keyword, JsonNode value) {
        if (!value.isTextual()) {
            throw SchemaException.invalid(keyword + " must be a text, not " + shown(value));
        }
        return value.textValue();
    }

    static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    static boolean isAnnotation(String keyword) {
        return ANNOTATIONS.contains(keyword) || keyword.startsWith("x-");
    }
}
