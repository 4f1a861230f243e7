package org.usedecentral.testkit.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/** Says whether JSON satisfies a JSON schema, for tests of structured output. Thread-safe. */
public final class Schemas {
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Schemas() {}

    /** What is wrong with {@code json}, by the schema's draft 2020-12; empty if nothing is. Text that is not one JSON value is wrong too. */
    public static List<String> faults(String schema, String json) {
        JsonNode value;
        try {
            value = STRICT.readTree(json);
        } catch (JsonProcessingException e) {
            return List.of("not one JSON value: " + e.getOriginalMessage());
        }
        if (value.isMissingNode()) {
            return List.of("no JSON at all");
        }
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema, InputFormat.JSON)
                .validate(value)
                .stream()
                .map(Object::toString)
                .toList();
    }
}
