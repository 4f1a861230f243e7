package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.ReceiptFixture;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.Terms;

/** Models, credits, jobs and receipts over HTTP, and whole answers. */
@Timeout(60)
final class AccountTest {
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
    void modelsAreListedWithTheirPrices() throws Exception {
        JsonNode list = GatewayFixture.json(gateway.get("/v1/models").body());
        assertThat(list.path("object").asText()).isEqualTo("list");
        JsonNode model = list.path("data").path(0);
        assertThat(model.path("id").asText()).isEqualTo("lab/tiny-1");
        assertThat(model.path("object").asText()).isEqualTo("model");
        assertThat(model.path("created").isInt()).isTrue();
        assertThat(model.path("owned_by").asText()).isEqualTo("decentral");
        assertThat(model.path("decentral").path("ceiling_price").path("output").asLong())
                .isEqualTo(200_000);
    }

    @Test
    void aModelIsFoundWithItsSlashPlainOrEncoded() throws Exception {
        for (String path :
                new String[] {"/v1/models/lab/tiny-1", "/v1/models/lab%2Ftiny-1", "/v1/models/lab%2ftiny%2D1"}) {
            assertThat(GatewayFixture.json(gateway.get(path).body()).path("id").asText())
                    .as(path)
                    .isEqualTo("lab/tiny-1");
        }
        for (String path : new String[] {"/v1/models/lab", "/v1/models/%20", "/v1/models/", "/v1/models/a+b"}) {
            var response = gateway.get(path);
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(response.body()).contains("model_not_found");
        }
    }

    @Test
    void creditsAreTheKeysPayers() throws Exception {
        JsonNode credits = GatewayFixture.json(gateway.get("/v1/credits").body());
        assertThat(credits.path("payer").asText()).isEqualTo(GatewayFixture.PAYER.toString());
        assertThat(credits.path("free").asLong()).isEqualTo(900);
        assertThat(credits.path("locked").asLong()).isEqualTo(80);
        assertThat(credits.path("held").asLong()).isEqualTo(7);
    }

    @Test
    void aPayerSeesItsJobsAndTheirReceiptsAndNobodyElses() throws Exception {
        SignedReceipt receipt = ReceiptFixture.pending();
        JobId id = receipt.receipt().job();
        assertThat(gateway.get("/v1/jobs/" + id).statusCode()).isEqualTo(404);
        know(receipt.receipt().terms());
        gateway.jobs.receipts.put(id, receipt);
        assertThat(gateway.get("/v1/jobs/" + id).statusCode())
                .as("another payer's")
                .isEqualTo(404);
        assertThat(gateway.get("/v1/jobs/" + id + "/receipt").statusCode()).isEqualTo(404);

        String secret =
                gateway.keys.create("owner", receipt.receipt().terms().payer()).secret();
        JsonNode job = GatewayFixture.json(owned("/v1/jobs/" + id, secret));
        assertThat(job.path("id").asText()).isEqualTo(id.toString());
        assertThat(job.path("state").asText()).isEqualTo("settled");
        assertThat(job.path("settled").path("split").path("worker").asLong()).isEqualTo(24);
        assertThat(owned("/v1/jobs/" + id + "/receipt", secret)).isEqualTo(ReceiptJson.write(receipt));
        gateway.jobs.receipts.clear();
        assertThat(owned("/v1/jobs/" + id + "/receipt", secret)).contains("no receipt of this job yet");
    }

    @Test
    void aJobsIdIsBase58() throws Exception {
        for (String id : new String[] {"0", "1".repeat(31), "x".repeat(500)}) {
            assertThat(gateway.get("/v1/jobs/" + id).statusCode()).isEqualTo(400);
        }
    }

    @Test
    void aWholeAnswerIsOneObject() throws Exception {
        gateway.jobs.next().text("Hello, ", "wörld").stop();
        var response = gateway.chat(GatewayFixture.body(",\"temperature\":0"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-decentral-escrow-signature"))
                .contains(ScriptedStream.LOCK.toString());
        JsonNode answer = GatewayFixture.json(response.body());
        assertThat(answer.path("id").asText()).startsWith("chatcmpl-");
        assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
        assertThat(answer.path("choices").toString())
                .isEqualTo("[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello, wörld\","
                        + "\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
        assertThat(answer.path("usage").path("total_tokens").asInt()).isEqualTo(26);
        assertThat(answer.path("decentral").toString()).isEqualTo(ReceiptJson.write(ReceiptFixture.pending()));

        var submission = gateway.jobs.submissions().getFirst();
        assertThat(submission.payer()).isEqualTo(GatewayFixture.PAYER);
        assertThat(submission.clientBodySha256())
                .contains(Sha256.of(Bytes.utf8(GatewayFixture.body(",\"temperature\":0"))));
    }

    @Test
    void aWholeAnswerThatFailsInItsMiddleIsAnHttpError() throws Exception {
        gateway.jobs.next().text("Hello").fail(new DecentralException(ErrorCode.DEADLINE_EXCEEDED, "too late"));
        var response = gateway.chat(GatewayFixture.body(""));
        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.body()).contains("deadline_exceeded").doesNotContain("Hello");
    }

    private String owned(String path, String secret) throws Exception {
        return gateway.send(gateway.request(path)
                        .setHeader("authorization", "Bearer " + secret)
                        .GET())
                .body();
    }

    private void know(Terms terms) {
        Instant now = Instant.parse("2030-01-31T12:00:00Z");
        gateway.jobs.known.put(
                terms.jobId(),
                new EscrowedJob(
                        terms,
                        ScriptedStream.LOCK,
                        new EscrowedJob.Status(EscrowedJob.State.SETTLED, now, Optional.of(now.plusSeconds(60))),
                        new EscrowedJob.Funds(10, 0, Map.of()),
                        Optional.of(new EscrowedJob.Settled(
                                terms.payer(),
                                terms.payer(),
                                32,
                                new EscrowedJob.Split(24, 1, 7),
                                ScriptedStream.LOCK))));
    }
}
