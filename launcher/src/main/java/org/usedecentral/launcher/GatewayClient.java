package org.usedecentral.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A gateway as any OpenAI client sees it, and what it says beyond that. One thread at a time. */
final class GatewayClient implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

    /** A job ends by its own timeout, which is an hour at most. */
    private static final Duration STREAM_LIMIT = Duration.ofMinutes(62);

    private static final Duration POLL = Duration.ofMillis(150);
    private static final int MAX_BODY = 1 << 20;

    private final HttpClient http;
    private final URI baseUrl;
    private final String key;

    /** A client of {@code http://host:port/v1}; a URL without path means that one. */
    GatewayClient(URI baseUrl, String key) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_LIMIT)
                .build();
        this.baseUrl = GatewayAddress.api(baseUrl);
        this.key = key;
    }

    /** Asks; {@code text} gets the answer's text as it arrives. */
    Answer chat(ChatRequest request, Consumer<String> text) throws InterruptedException {
        HttpRequest post = request("/chat/completions")
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request.json(MAPPER)))
                .build();
        HttpResponse<InputStream> response = send(post, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw error(response.statusCode(), body.readNBytes(MAX_BODY));
            }
            CompletableFuture<Void> limit = CompletableFuture.runAsync(
                    () -> close(body), CompletableFuture.delayedExecutor(STREAM_LIMIT.toSeconds(), TimeUnit.SECONDS));
            try {
                return read(response, body, text);
            } finally {
                limit.cancel(false);
            }
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the gateway broke the answer off: " + e.getMessage()
                            + "; what was not delivered is not charged, ask again",
                    e);
        }
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            System.getLogger(GatewayClient.class.getName())
                    .log(System.Logger.Level.DEBUG, "a stream past its limit does not close", e);
        }
    }

    private static Answer read(HttpResponse<?> response, InputStream body, Consumer<String> text) throws IOException {
        AnswerReader reader = new AnswerReader(text);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: ")) {
                    reader.accept(line.substring("data: ".length()), MAPPER);
                }
            }
        }
        return reader.answer(
                response.headers().firstValue("x-decentral-job-id").orElse(""),
                response.headers().firstValue("x-decentral-escrow-signature").orElse(""));
    }

    /** A job's receipt as far as it is now; absent while there is none. */
    Optional<Bytes> receipt(String job) throws InterruptedException {
        HttpResponse<byte[]> response = get("/jobs/" + job + "/receipt");
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        return Optional.of(Bytes.of(body(response)));
    }

    /**
     * The receipt once the ledger's part is in it.
     *
     * @throws DecentralException {@code DEADLINE_EXCEEDED} if it is not so after {@code limit}; {@code CANCELLED} at Ctrl-C
     */
    Bytes awaitReceipt(String job, Duration limit, Shutdown shutdown) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            Optional<Bytes> receipt = receipt(job);
            if (receipt.isPresent()
                    && !parse(receipt.get().toByteArray())
                            .path("settlement")
                            .asText()
                            .equals("pending")) {
                return receipt.get();
            }
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new DecentralException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "job " + job + " is not settled after " + limit.toSeconds()
                                + " s; its receipt can be fetched later: GET /v1/jobs/" + job + "/receipt");
            }
            if (shutdown.await(POLL)) {
                throw new DecentralException(ErrorCode.CANCELLED, "stopped before the receipt was complete");
            }
        }
    }

    /** The ids of the models that can be asked for now. */
    List<String> models() throws InterruptedException {
        List<String> ids = new ArrayList<>();
        for (JsonNode model : parse(body(get("/models"))).path("data")) {
            ids.add(model.path("id").asText());
        }
        return ids;
    }

    JsonNode credits() throws InterruptedException {
        return parse(body(get("/credits")));
    }

    /** Whether anything answers HTTP there, whatever it says. */
    boolean isReachable() throws InterruptedException {
        try {
            get("/models");
            return true;
        } catch (DecentralException e) {
            return false;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(baseUrl + path))
                .timeout(ANSWER_LIMIT)
                .header("authorization", "Bearer " + key);
    }

    private HttpResponse<byte[]> get(String path) throws InterruptedException {
        return send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws InterruptedException {
        try {
            return http.send(request, handler);
        } catch (ConnectException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "no gateway answers at " + baseUrl
                            + ": start one with 'decentral up', or name yours with --base-url",
                    e);
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the gateway at " + baseUrl + " does not answer: " + e.getMessage(), e);
        }
    }

    private static byte[] body(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            throw error(response.statusCode(), response.body());
        }
        return response.body();
    }

    private static DecentralException error(int status, byte[] body) {
        String message;
        try {
            message = MAPPER.readTree(body).path("error").path("message").asText();
        } catch (IOException e) {
            message = "";
        }
        String said = message.isEmpty() ? "the gateway answers HTTP " + status : message;
        return new DecentralException(code(status), said);
    }

    private static ErrorCode code(int status) {
        return switch (status) {
            case 401 -> ErrorCode.UNAUTHENTICATED;
            case 402 -> ErrorCode.INSUFFICIENT_CREDITS;
            case 403 -> ErrorCode.FORBIDDEN;
            case 404 -> ErrorCode.NOT_FOUND;
            case 429 -> ErrorCode.RATE_LIMITED;
            case 502, 503, 504 -> ErrorCode.UNAVAILABLE;
            default -> status < 500 ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL;
        };
    }

    static JsonNode parse(byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "this is no gateway: it answers with something else than JSON", e);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
