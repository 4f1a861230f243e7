package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.receipt.ReceiptFixture;
import org.usedecentral.receipt.ReceiptVerifier;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

@Timeout(60)
final class ChatStreamTest {
    private static final String STREAM = GatewayFixture.body(",\"stream\":true");

    private GatewayFixture gateway;

    @BeforeEach
    void start(@TempDir Path folder) {
        gateway = new GatewayFixture(folder);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aStreamIsChunksAndOneEndMark() throws Exception {
        gateway.jobs.next().text("Hello, ", "wörld").stop();
        HttpResponse<String> response =
                gateway.chat(GatewayFixture.body(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().map())
                .containsEntry("content-type", List.of("text/event-stream; charset=utf-8"))
                .containsEntry("cache-control", List.of("no-cache"))
                .containsEntry("x-decentral-escrow-signature", List.of(ScriptedStream.LOCK.toString()))
                .containsKeys("x-request-id", "x-decentral-job-id");
        assertThat(response.body()).endsWith("\n\ndata: [DONE]\n\n").doesNotContain("ping");
        List<JsonNode> chunks = chunks(response.body());
        String id = "chatcmpl-"
                + response.headers().firstValue("x-decentral-job-id").orElseThrow();
        assertThat(chunks).hasSize(5).allSatisfy(chunk -> {
            assertThat(chunk.path("id").asText()).isEqualTo(id);
            assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.path("model").asText()).isEqualTo(ScriptedJobs.MODEL.value());
            assertThat(chunk.path("created").isInt()).isTrue();
        });
        assertThat(chunks.get(0).path("choices").toString())
                .isEqualTo("[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},"
                        + "\"logprobs\":null,\"finish_reason\":null}]");
        assertThat(chunks.get(2).path("choices").toString())
                .isEqualTo(
                        "[{\"index\":0,\"delta\":{\"content\":\"wörld\"},\"logprobs\":null,\"finish_reason\":null}]");
        assertThat(chunks.get(3).path("choices").toString())
                .isEqualTo("[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
        assertThat(chunks.get(4).path("choices").isEmpty()).isTrue();
        assertThat(chunks.get(4).path("usage").toString())
                .isEqualTo("{\"prompt_tokens\":20,\"completion_tokens\":6,\"total_tokens\":26,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":4},"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":0}}");
    }

    @Test
    void theLastChunkWithAFinishReasonCarriesAReceiptThatVerifies() throws Exception {
        gateway.jobs.next().text(ReceiptFixture.OUTPUT).stop();
        List<JsonNode> chunks = chunks(gateway.chat(STREAM).body());
        assertThat(chunks)
                .hasSize(3)
                .allSatisfy(chunk -> assertThat(chunk.has("usage")).isFalse());
        assertThat(chunks.subList(0, 2))
                .allSatisfy(chunk -> assertThat(chunk.has("decentral")).isFalse());
        byte[] receipt = Bytes.utf8(chunks.get(2).path("decentral").toString()).toByteArray();
        assertThat(ReceiptVerifier.verify(receipt, Expectations.NONE.text(Bytes.utf8(ReceiptFixture.OUTPUT))))
                .isInstanceOf(ReceiptVerifier.Verified.class);
    }

    @Test
    void eachPieceIsSentAtOnceAndWhatIsThereTogetherInOneWrite() throws Exception {
        ScriptedStream job = gateway.jobs.next().text("a", "b", "c");
        try (RawClient client = new RawClient(gateway.port())) {
            client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
            client.head();
            assertThat(chunks(client.chunk())).hasSize(4);
            job.text("d");
            assertThat(chunks(client.chunk())).hasSize(1);
            job.stop();
            assertThat(client.rest()).endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void theConnectionIsGoodForAnotherRequest() throws Exception {
        try (RawClient client = new RawClient(gateway.port())) {
            for (int i = 0; i < 3; i++) {
                gateway.jobs.next().text("a").stop();
                client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
                assertThat(client.head()).startsWith("HTTP/1.1 200").doesNotContain("close");
                assertThat(client.rest()).endsWith("data: [DONE]\n\n");
            }
        }
        assertThat(gateway.timers.alarms()).as("no alarm outlives its stream").isZero();
    }

    @Test
    void aJobThatHasSaidNothingIsPingedAlong() throws Exception {
        ScriptedStream job = gateway.jobs.next();
        try (RawClient client = new RawClient(gateway.port())) {
            client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
            job.commit();
            assertThat(client.head()).startsWith("HTTP/1.1 200");
            assertThat(client.chunk()).isEqualTo(": ping\n");
            gateway.timers.turn(Duration.ofSeconds(2));
            assertThat(client.chunk()).isEqualTo(": ping\n");
            gateway.timers.turn(Duration.ofSeconds(2));
            assertThat(client.chunk()).isEqualTo(": ping\n");
            gateway.timers.turn(Duration.ofMillis(1_500));
            job.text("a");
            assertThat(chunks(client.chunk())).hasSize(2);
            // Idle for half a second only: the alarm of this moment writes nothing.
            gateway.timers.turn(Duration.ofMillis(500));
            job.stop();
            assertThat(client.rest()).startsWith("data: {").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void aClientThatLeavesWhileNothingIsSaidEndsItsJob() throws Exception {
        ScriptedStream job = gateway.jobs.next();
        try (RawClient client = new RawClient(gateway.port())) {
            client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
            job.commit();
            client.head();
            client.chunk();
        }
        // The first write after a close is answered with a reset, the next one fails.
        for (int i = 0; i < 200 && job.closed.getCount() > 0; i++) {
            gateway.timers.turn(Duration.ofSeconds(2));
            job.closed.await(20, TimeUnit.MILLISECONDS);
        }
        assertThat(job.awaitClosed()).isTrue();
    }

    @Test
    void aClientThatLeavesWhileTextComesEndsItsJob() throws Exception {
        ScriptedStream job = gateway.jobs.next().text("a");
        try (RawClient client = new RawClient(gateway.port())) {
            client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
            client.head();
            client.chunk();
        }
        for (int i = 0; i < 200 && job.closed.getCount() > 0; i++) {
            job.text("b");
            job.closed.await(20, TimeUnit.MILLISECONDS);
        }
        assertThat(job.awaitClosed()).isTrue();
    }

    @Test
    void aClientThatNeverReadsIsCutOff() throws Exception {
        ScriptedStream job = gateway.jobs.next();
        try (RawClient client = new RawClient(gateway.port())) {
            client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
            String much = "x".repeat(100_000);
            for (int i = 0; i < 400; i++) {
                job.text(much);
            }
            for (int i = 0; i < 2_000 && job.closed.getCount() > 0; i++) {
                gateway.timers.turn(Duration.ofSeconds(2));
                job.closed.await(10, TimeUnit.MILLISECONDS);
            }
            assertThat(job.awaitClosed()).isTrue();
            CountDownLatch never = new CountDownLatch(1);
            for (int i = 0; i < 2_000 && gateway.timers.alarms() > 0; i++) {
                never.await(10, TimeUnit.MILLISECONDS);
            }
            assertThat(gateway.timers.alarms())
                    .as("the request's thread went on")
                    .isZero();
        }
    }

    @Test
    void aFailureBeforeTheStatusIsAnHttpError() throws Exception {
        gateway.jobs.next().fail(new DecentralException(ErrorCode.START_TIMEOUT, "no worker began in time"));
        HttpResponse<String> response = gateway.chat(STREAM);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("retry-after")).contains("1");
        assertThat(response.headers().firstValue("x-decentral-job-id")).isPresent();
        assertThat(response.body())
                .isEqualTo("{\"error\":{\"message\":\"no worker began in time\",\"type\":\"server_error\","
                        + "\"param\":null,\"code\":\"start_timeout\"}}");
    }

    @Test
    void aFailureInTheMiddleIsAnErrorEventAndNoEnd() throws Exception {
        ScriptedStream job = gateway.jobs.next().text("a");
        job.fail(new DecentralException(ErrorCode.UNAVAILABLE, "the last worker was lost"));
        HttpResponse<String> response = gateway.chat(STREAM);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("\"content\":\"a\"")
                .doesNotContain("[DONE]", "\"stop\"")
                .endsWith("\n\ndata: {\"error\":{\"message\":\"the last worker was lost\",\"type\":\"server_error\","
                        + "\"param\":null,\"code\":\"unavailable\"}}\n\n");
        assertThat(job.awaitClosed()).isTrue();
    }

    @Test
    void anUnexpectedFailureInTheMiddleTellsNothingOfTheInside() throws Exception {
        gateway.jobs.next().text("a").fail(new IllegalStateException("canary"));
        HttpResponse<String> response = gateway.send(gateway.request(GatewayFixture.CHAT)
                .header("x-request-id", "mine-1")
                .POST(HttpRequest.BodyPublishers.ofString(STREAM)));
        assertThat(response.body())
                .contains("\"internal_error\"", "request mine-1")
                .doesNotContain("canary");
    }

    @Test
    void everyJobIsClosedOnceItsAnswerIsOut() throws Exception {
        ScriptedStream whole = gateway.jobs.next().text("a").stop();
        gateway.chat(GatewayFixture.body(""));
        assertThat(whole.awaitClosed()).isTrue();
        ScriptedStream stream = gateway.jobs.next().text("a").stop();
        gateway.chat(STREAM);
        assertThat(stream.awaitClosed()).isTrue();
    }

    @Test
    void aKeyRunsSixteenJobsAtOnce() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        List<ScriptedStream> jobs = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            jobs.add(gateway.jobs.next().text("a"));
            RawClient client = new RawClient(gateway.port());
            clients.add(client);
            client.post(GatewayFixture.CHAT, gateway.key.secret(), STREAM);
            client.head();
        }
        HttpResponse<String> refused = gateway.chat(STREAM);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(refused.body()).contains("rate_limit_exceeded");
        jobs.getFirst().stop();
        assertThat(clients.getFirst().rest()).endsWith("[DONE]\n\n");
        assertThat(jobs.getFirst().awaitClosed()).isTrue();
        gateway.jobs.next().text("a").stop();
        assertThat(gateway.chat(STREAM).statusCode()).isEqualTo(200);
        for (RawClient client : clients) {
            client.close();
        }
    }

    private static List<JsonNode> chunks(String body) {
        List<JsonNode> chunks = new ArrayList<>();
        for (String event : body.split("\n\n", -1)) {
            if (!event.isEmpty() && !event.equals("data: [DONE]")) {
                assertThat(event).startsWith("data: {").doesNotContain("\n");
                chunks.add(GatewayFixture.json(event.substring("data: ".length())));
            }
        }
        return chunks;
    }
}
