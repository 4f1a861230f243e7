package org.usedecentral.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.time.TurnedTimers;

/** A gateway on a free loopback port, a scripted network behind it, and clients in front. */
final class GatewayFixture implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String CHAT = "/v1/chat/completions";
    static final Account PAYER = new Account(Bytes.utf8("p".repeat(32)));

    final TurnedTimers timers = new TurnedTimers();
    final ScriptedJobs jobs = new ScriptedJobs();
    final ApiKeys keys;
    final ApiKeys.Created key;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebServer server;

    GatewayFixture(Path folder) {
        this(folder, GatewayLimits.DEFAULT);
    }

    GatewayFixture(Path folder, GatewayLimits limits) {
        keys = ApiKeys.in(folder, timers.clock(), new SecureRandom());
        key = keys.create("test", PAYER);
        GatewayFeature gateway =
                new GatewayFeature(new GatewayFeature.Collaborators(jobs, keys, new CreditsOnly(), timers, limits));
        server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .routing(routing -> routing.addFeature(gateway)
                        .get("/v1/other/thing", (request, response) -> response.send("somebody else's")))
                .build()
                .start();
    }

    int port() {
        return server.port();
    }

    /** A request with the good key. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(30))
                .header("authorization", "Bearer " + key.secret())
                .header("content-type", "application/json");
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    HttpResponse<String> chat(String body) throws IOException, InterruptedException {
        return send(request(CHAT).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** A good body with some more fields. */
    static String body(String more) {
        return "{\"model\":\"" + ScriptedJobs.MODEL + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" + more
                + "}";
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    @Override
    public void close() {
        client.close();
        server.stop();
    }
}
