package org.usedecentral.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A streamed answer, read event by event. One thread. Closed before its end, its client has left. */
final class Streamed implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String DATA = "data: ";

    private final HttpResponse<InputStream> response;
    private final BufferedReader reader;
    private final List<String> pieces = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private int ends;
    private @Nullable JsonNode error;

    Streamed(HttpResponse<InputStream> response) {
        this.response = response;
        this.reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    int status() {
        return response.statusCode();
    }

    private String header(String name) {
        return response.headers()
                .firstValue(name)
                .orElseThrow(() -> new AssertionError("status " + status() + " and no header " + name));
    }

    String job() {
        return header("x-decentral-job-id");
    }

    String lockTransaction() {
        return header("x-decentral-escrow-signature");
    }

    /** The next event, after it has been noted; empty where the body ends. */
    Optional<JsonNode> next() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.equals(DATA + "[DONE]")) {
                ends++;
            } else if (line.startsWith(DATA)) {
                JsonNode event = MAPPER.readTree(line.substring(DATA.length()));
                note(event);
                return Optional.of(event);
            }
        }
        return Optional.empty();
    }

    private void note(JsonNode event) {
        if (event.has("error")) {
            error = event.path("error");
        }
        for (JsonNode choice : event.path("choices")) {
            String piece = choice.path("delta").path("content").asText("");
            if (!piece.isEmpty()) {
                pieces.add(piece);
            }
            if (choice.path("finish_reason").isTextual()) {
                reasons.add(choice.path("finish_reason").asText());
            }
        }
    }

    /** Reads until so many pieces of text have come. */
    Streamed readPieces(int count) throws IOException {
        while (pieces.size() < count) {
            if (next().isEmpty()) {
                throw new AssertionError("the stream ends after " + pieces.size() + " pieces: " + this);
            }
        }
        return this;
    }

    /** Reads until a finish reason has come, which is the last a client waits for. */
    Streamed readToReason() throws IOException {
        while (reasons.isEmpty()) {
            if (next().isEmpty()) {
                throw new AssertionError("the stream ends without a finish reason: " + this);
            }
        }
        return this;
    }

    Streamed readToEnd() throws IOException {
        Optional<JsonNode> event;
        do {
            event = next();
        } while (event.isPresent());
        return this;
    }

    /** Text as it came, a chunk a piece. */
    List<String> pieces() {
        return List.copyOf(pieces);
    }

    String text() {
        return String.join("", pieces);
    }

    List<String> reasons() {
        return List.copyOf(reasons);
    }

    /** How often {@code [DONE]} came. */
    int ends() {
        return ends;
    }

    Optional<JsonNode> error() {
        return Optional.ofNullable(error);
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }

    @Override
    public String toString() {
        return "status " + status() + ", " + pieces.size() + " pieces, reasons " + reasons + ", error " + error;
    }
}
