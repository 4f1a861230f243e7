package org.usedecentral.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.usedecentral.link.Json;
import org.usedecentral.link.LedgerCall;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ledger.Balance;

/** A gateway as its clients see it. Thread-safe. */
final class GatewayApi implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;
    private final String key;

    /**
     * A client of a gateway on this machine.
     *
     * @param base such as {@code http://127.0.0.1:8080/v1}
     */
    GatewayApi(URI base, String key) {
        this.base = base;
        this.key = key;
    }

    /** A whole answer. */
    record Answer(int status, HttpHeaders headers, JsonNode body) {
        /** The body, if it went well. */
        JsonNode ok() {
            if (status != 200) {
                throw new AssertionError("the gateway answers " + status + ": " + body);
            }
            return body;
        }

        String error() {
            return body.path("error").path("code").asText();
        }
    }

    URI base() {
        return base;
    }

    String key() {
        return key;
    }

    int port() {
        return base.getPort();
    }

    /** A request for one answer at temperature 0. */
    static ObjectNode chat(String prompt, int maxTokens) {
        ObjectNode chat = MAPPER.createObjectNode();
        chat.put("model", Built.MODEL).put("temperature", 0).put("max_tokens", maxTokens);
        chat.putArray("messages").addObject().put("role", "user").put("content", prompt);
        return chat;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(LIMIT)
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json");
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), response.headers(), MAPPER.readTree(response.body()));
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    Answer complete(ObjectNode chat) throws IOException, InterruptedException {
        return send(request("/chat/completions").POST(body(chat)).build());
    }

    /** Asks for a stream; whatever the status is, the body is not read yet. */
    Streamed stream(ObjectNode chat) throws IOException, InterruptedException {
        ObjectNode streamed = chat.deepCopy().put("stream", true);
        HttpResponse<InputStream> response =
                http.send(request("/chat/completions").POST(body(streamed)).build(), BodyHandlers.ofInputStream());
        return new Streamed(response);
    }

    private static BodyPublisher body(ObjectNode json) {
        return BodyPublishers.ofString(json.toString());
    }

    /** What the payer has: free, locked for jobs, held. */
    Balance credits() throws IOException, InterruptedException {
        JsonNode credits = get("/credits").ok();
        return new Balance(
                credits.path("free").asLong(),
                credits.path("locked").asLong(),
                credits.path("held").asLong(),
                0);
    }

    /** What the payer has in all: it falls by prices, and by nothing else. */
    long total() throws IOException, InterruptedException {
        Balance credits = credits();
        return credits.free() + credits.locked() + credits.held();
    }

    /** Waits until no escrow is left: refunds are due 20 s after a job's end, and a sweep comes every 5 s. */
    void awaitNothingLocked() throws Exception {
        Within.seconds(90).until(() -> credits().locked() == 0, "what is left of every escrow is refunded");
    }

    JsonNode job(String id) throws IOException, InterruptedException {
        return get("/jobs/" + id).ok();
    }

    /** A job's receipt once it is no longer pending; its bytes as the gateway sent them. */
    byte[] awaitReceipt(String job) throws Exception {
        byte[][] found = new byte[1][];
        Within.seconds(90)
                .until(
                        () -> {
                            HttpResponse<byte[]> response = http.send(
                                    request("/jobs/" + job + "/receipt").build(), BodyHandlers.ofByteArray());
                            found[0] = response.body();
                            return response.statusCode() == 200
                                    && read(response.body()).settlement().state() != Settlement.State.PENDING;
                        },
                        "job " + job + " is settled, unproved or refunded");
        return found[0];
    }

    static Receipt read(byte[] receipt) {
        return ReceiptJson.read(receipt).receipt();
    }

    /** Any account's balance, as workers read it. */
    Balance balance(Account account) throws IOException, InterruptedException {
        HttpRequest call = HttpRequest.newBuilder(base.resolve("/v1/workers/ledger"))
                .timeout(LIMIT)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(
                        Json.write(LedgerCall.balanceOf(account)).toByteArray()))
                .build();
        HttpResponse<byte[]> response = http.send(call, BodyHandlers.ofByteArray());
        return Json.read(Bytes.of(response.body()), LedgerCall.Answer.class)
                .written()
                .getFirst()
                .balance();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
