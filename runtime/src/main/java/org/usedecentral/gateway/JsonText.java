package org.usedecentral.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharArrayReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.usedecentral.spi.DecentralException;

/** Turns a request's bytes into JSON, strictly, and says where it is wrong without repeating any of it. Stateless. */
final class JsonText {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_TOKENS = 500_000;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
                            .maxNumberLength(64)
                            .maxNameLength(1_024)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonText() {}

    /**
     * The JSON value that {@code utf8} holds, whose length was limited before.
     *
     * @throws DecentralException {@code INVALID_REQUEST}
     */
    static JsonNode parse(byte[] utf8) {
        try {
            // Jackson would guess other encodings and take some bytes that are not UTF-8.
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
            JsonNode node = MAPPER.readTree(new CharArrayReader(text.array(), 0, text.limit()));
            if (node.isMissingNode()) {
                throw DecentralException.invalid("body", "the request has no body: send a JSON object");
            }
            return node;
        } catch (CharacterCodingException e) {
            throw DecentralException.invalid("body", "the body is not UTF-8");
        } catch (StreamConstraintsException e) {
            throw DecentralException.invalid(
                    "body",
                    "the body is too complex: at most " + MAX_DEPTH + " levels, " + MAX_TOKENS
                            + " tokens, and names of 1024 characters");
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw DecentralException.invalid("body", "the body is not well-formed JSON" + where);
        } catch (IOException e) {
            throw new IllegalStateException("an array in memory can be read", e);
        }
    }
}
