package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Usage;

/** Requests and answers of {@code /embeddings}: numbers, or base64 of little-endian floats. Stateless. */
final class EmbeddingReader {
    private static final int MAX_DIMENSIONS = 1 << 16;

    private EmbeddingReader() {}

    static ObjectNode request(String model, EmbeddingRequest request) {
        ObjectNode body = UpstreamJson.object().put("model", model).put("encoding_format", "float");
        ArrayNode inputs = body.putArray("input");
        request.inputs().forEach(inputs::add);
        return body;
    }

    /**
     * Reads one vector an input, in input order.
     *
     * @throws org.usedecentral.spi.DecentralException {@code UNAVAILABLE} if one is missing, doubled, of another length or not of finite numbers
     */
    static Embeddings read(JsonNode answer, int inputs) {
        JsonNode data = answer.get("data");
        if (data == null || !data.isArray() || data.size() != inputs) {
            throw UpstreamJson.malformed("has not one embedding an input");
        }
        Embeddings.Vector[] vectors = new Embeddings.Vector[inputs];
        int position = 0;
        for (JsonNode item : data) {
            int stated = UpstreamJson.count(item, "index");
            int index = stated < 0 ? position : stated;
            if (index >= inputs || vectors[index] != null) {
                throw UpstreamJson.malformed("has an embedding of no input, or two of one");
            }
            vectors[index] = new Embeddings.Vector(values(item.get("embedding")));
            position++;
        }
        int dimensions = vectors[0].dimensions();
        if (Arrays.stream(vectors).anyMatch(vector -> vector.dimensions() != dimensions)) {
            throw UpstreamJson.malformed("has embeddings of different lengths");
        }
        JsonNode usage = answer.get("usage");
        int tokens = usage == null ? -1 : UpstreamJson.count(usage, "prompt_tokens");
        if (tokens < 1) {
            throw UpstreamJson.malformed("does not say how many tokens were embedded");
        }
        return new Embeddings(List.of(vectors), new Usage(tokens, 0));
    }

    private static float[] values(@Nullable JsonNode embedding) {
        float[] values;
        if (embedding != null && embedding.isArray()) {
            values = new float[embedding.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = embedding.get(i).isNumber() ? embedding.get(i).floatValue() : Float.NaN;
            }
        } else if (embedding != null && embedding.isTextual()) {
            values = decoded(embedding.textValue());
        } else {
            throw UpstreamJson.malformed("has an embedding that is neither numbers nor base64");
        }
        if (values.length == 0 || values.length > MAX_DIMENSIONS) {
            throw UpstreamJson.malformed("has an embedding of " + values.length + " dimensions");
        }
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw UpstreamJson.malformed("has an embedding with something else than finite numbers");
            }
        }
        return values;
    }

    private static float[] decoded(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw UpstreamJson.malformed("has an embedding that is not base64");
        }
        if (bytes.length % Float.BYTES != 0) {
            throw UpstreamJson.malformed("has an embedding that is cut");
        }
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
