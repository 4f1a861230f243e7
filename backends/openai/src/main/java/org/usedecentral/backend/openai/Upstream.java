package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The HTTP side: requests with the key, answers with their size and time bounded. Thread-safe. */
final class Upstream implements AutoCloseable {
    private static final int MAX_JSON = 64 << 20;
    private static final int MAX_ERROR = 64 << 10;

    private final HttpClient client;
    private final URI base;
    private final String key;
    private final Duration patience;

    /** A client whose {@code key} is empty if the server wants none. */
    Upstream(Settings settings, String key) {
        this.base = settings.url();
        this.key = key;
        this.patience = settings.timeouts().read();
        this.client = HttpClient.newBuilder()
                // No upgrade to HTTP/2 in clear text, over which some of these servers stumble.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeouts().connect())
                .executor(Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("decentral-upstream").factory()))
                .build();
    }

    /** {@code host} or {@code host:port}. */
    String place() {
        return base.getRawAuthority();
    }

    /** How long an answer may take to begin, and each of its events to follow. */
    Duration patience() {
        return patience;
    }

    /** A path below the base, such as {@code /models}. */
    URI below(String path) {
        return URI.create(base + path);
    }

    /** A path of the server's root, where what is not OpenAI's lies. */
    URI atRoot(String path) {
        return URI.create(base.toString().replaceFirst("/v1$", "") + path);
    }

    /** Begins a POST of JSON. */
    Exchange post(URI target, byte[] json, String accept) {
        return send(builder(target, accept)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json))
                .build());
    }

    /** Begins a GET. */
    Exchange get(URI target) {
        return send(builder(target, "application/json").GET().build());
    }

    private HttpRequest.Builder builder(URI target, String accept) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(target).header("accept", accept);
        return key.isEmpty() ? builder : builder.header("authorization", "Bearer " + key);
    }

    private Exchange send(HttpRequest request) {
        return new Exchange(client.sendAsync(request, head -> new ByteFlow()));
    }

    /**
     * Waits for the whole answer and reads it.
     *
     * @param began is given the exchange first, so that somebody else can cancel it
     * @throws DecentralException if it is not a 2xx with JSON
     */
    JsonNode json(Exchange exchange, Consumer<Exchange> began) throws InterruptedException {
        began.accept(exchange);
        try (exchange) {
            HttpResponse<ByteFlow> answer = exchange.await(patience);
            requireSuccess(answer);
            return UpstreamJson.read(answer.body().readAll(MAX_JSON, patience));
        }
    }

    JsonNode json(Exchange exchange) throws InterruptedException {
        return json(exchange, began -> {});
    }

    /**
     * Waits until a stream of events begins.
     *
     * @throws DecentralException what the server says instead
     */
    ByteFlow events(Exchange exchange) throws InterruptedException {
        HttpResponse<ByteFlow> answer = exchange.await(patience);
        requireSuccess(answer);
        String type = answer.headers().firstValue("content-type").orElse("");
        if (!type.startsWith("text/event-stream")) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the upstream server answers a stream with another content type: is url right?");
        }
        return answer.body();
    }

    private void requireSuccess(HttpResponse<ByteFlow> answer) throws InterruptedException {
        int status = answer.statusCode();
        if (status >= 300 && status < 400) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the upstream server redirects, which is not followed since the key would go along: set url to where it"
                            + " leads");
        }
        if (status < 200 || status >= 300) {
            throw UpstreamErrors.of(status, answer.body().readAll(MAX_ERROR, patience));
        }
    }

    /** Drops every connection. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
