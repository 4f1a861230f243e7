package org.usedecentral.backend.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** JSON of the upstream server. Messages never repeat it: it may be a prompt. Stateless. */
final class UpstreamJson {
    private static final int MAX_DEPTH = 128;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private UpstreamJson() {}

    /** Reads a value; {@code UNAVAILABLE} if it is none. */
    static JsonNode read(byte[] json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            // Not the cause: its message quotes the text.
            throw malformed("is not JSON");
        }
        throw malformed("is not a JSON object");
    }

    /** Reads a client's JSON, such as a schema. */
    static JsonNode readOf(String field, String json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            throw DecentralException.invalid(field, field + " is not JSON");
        }
        throw DecentralException.invalid(field, field + " is not a JSON object");
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] write(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new IllegalStateException("a tree of ours cannot be written", e);
        }
    }

    /** A field's text; null if it is absent, null or something else. */
    static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    /** A field's count; -1 if it is absent, negative or something else. */
    static int count(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0
                ? value.intValue()
                : -1;
    }

    static DecentralException malformed(String what) {
        return new DecentralException(ErrorCode.UNAVAILABLE, "what the upstream server says " + what);
    }
}
