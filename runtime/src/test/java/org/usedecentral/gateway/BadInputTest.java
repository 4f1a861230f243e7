package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

/** Whatever is wrong with a request is an HTTP error in OpenAI's form, and no job. */
@Timeout(120)
final class BadInputTest {
    private static final int LIMIT = GatewayLimits.DEFAULT.bodyBytes();

    private static GatewayFixture gateway;

    @BeforeAll
    static void start(@TempDir Path folder) {
        gateway = new GatewayFixture(folder);
    }

    @AfterAll
    static void stop() {
        assertThat(gateway.jobs.submissions()).as("nothing bad became a job").isEmpty();
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}}",
                "nonsense",
                "{\"model\":}",
                "{'model':1}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":NaN}"
            })
    void malformedJson(String body) throws Exception {
        JsonNode error = assertError(gateway.chat(body), 400, "invalid_request");
        assertThat(error.path("param").asText()).isEqualTo("body");
        assertThat(error.path("message").asText()).doesNotContain("nonsense");
    }

    @Test
    void bytesThatAreNotUtf8() throws Exception {
        byte[] body = Bytes.utf8(GatewayFixture.body("")).toByteArray();
        body[GatewayFixture.body("").indexOf("Hi")] = (byte) 0xc3;
        assertError(gateway.send(chat().POST(BodyPublishers.ofByteArray(body))), 400, "invalid_request");
    }

    @Test
    void jsonThatNestsWithoutEnd() throws Exception {
        assertThat(assertError(gateway.chat("[".repeat(100_000)), 400, "invalid_request")
                        .path("message")
                        .asText())
                .contains("too complex");
        assertError(gateway.chat("{\"a\":" + "[1,".repeat(10) + "1".repeat(100_000)), 400, "invalid_request");
        assertError(gateway.chat("[" + "1,".repeat(600_000) + "1]"), 400, "invalid_request");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [1]                                               | body        | invalid_request
            {"messages":[{"role":"user","content":"Hi"}]}     | model       | invalid_request
            {"model":"lab/tiny-1"}                            | messages    | invalid_request
            {"model":"lab/tiny-1","messages":[]}              | messages    | invalid_request
            {"model":"lab/tiny-1","messages":null}            | messages    | invalid_request
            {"model":7,"messages":[]}                         | model       | invalid_request
            """)
    void missingAndEmptyFields(String body, String parameter, String code) throws Exception {
        assertThat(assertError(gateway.chat(body), 400, code).path("param").asText())
                .isEqualTo(parameter);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ,"temperature":"hot"             | temperature      | invalid_request
            ,"temperature":3                 | temperature      | invalid_request
            ,"n":0                           | n                | invalid_request
            ,"stream":1                      | stream           | invalid_request
            ,"frobnicate":1                  | frobnicate       | invalid_request
            ,"store":true                    | store            | unsupported_feature
            ,"audio":{}                      | audio            | unsupported_feature
            ,"n":2                           |                  | unsupported_feature
            ,"logprobs":true                 |                  | unsupported_feature
            ,"response_format":{"type":"json_object"} |         | unsupported_feature
            ,"presence_penalty":1            |                  | unsupported_feature
            ,"logit_bias":{"5":1}            |                  | unsupported_feature
            ,"tools":[{"type":"function","function":{"name":"f"}}] | | unsupported_feature
            """)
    void parametersThatAreWrongUnknownOrNotOffered(String more, String parameter, String code) throws Exception {
        JsonNode error = assertError(gateway.chat(GatewayFixture.body(more)), 400, code);
        assertThat(error.path("param").asText(null)).isEqualTo(parameter);
        JsonNode streamed =
                assertError(gateway.chat(GatewayFixture.body(more + ",\"stream_options\":null")), 400, code);
        assertThat(streamed).isEqualTo(error);
    }

    @Test
    void anUnknownModel() throws Exception {
        JsonNode error = assertError(
                gateway.chat(GatewayFixture.body("").replace(ScriptedJobs.MODEL.value(), "gpt-none")),
                404,
                "model_not_found");
        assertThat(error.path("param").asText()).isEqualTo("model");
    }

    @Test
    void bodiesOfTenMebibytesAndNoMore() throws Exception {
        String good = GatewayFixture.body("");
        String longest = good.substring(0, good.length() - 1) + " ".repeat(LIMIT - good.length()) + "}";
        assertThat(longest).hasSize(LIMIT);
        assertThat(gateway.chat(longest.replace("user", "ouse")).statusCode()).isEqualTo(400);
        assertError(gateway.chat(longest + " "), 413, "request_too_large");
    }

    @Test
    void aLongBodyOfUnknownLengthIsCountedAsItIsRead() throws Exception {
        byte[] chunk = new byte[64 * 1024];
        Arrays.fill(chunk, (byte) ' ');
        var body = BodyPublishers.ofByteArrays(
                () -> Collections.nCopies(LIMIT / chunk.length + 1, chunk).iterator());
        assertError(gateway.send(chat().POST(body)), 413, "request_too_large");
    }

    @Test
    void aBodyThatGoesOnAndOnIsCutOff() throws Exception {
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + gateway.key.secret()
                    + "\r\nContent-Length: 999999999999\r\n\r\n");
            // As much as the gateway reads on for: what came after that, it would answer with a reset.
            client.send(" ".repeat(LIMIT + 1));
            assertThat(client.head()).startsWith("HTTP/1.1 413").contains("connection: close");
        }
    }

    @Test
    void aClientThatWaitsToBeToldToSendIsToldNot() throws Exception {
        try (RawClient client = new RawClient(gateway.port())) {
            client.send(String.join(
                    "\r\n",
                    "POST /v1/chat/completions HTTP/1.1",
                    "Host: x",
                    "Expect: 100-continue",
                    "Content-Length: 50",
                    "",
                    ""));
            assertThat(client.head()).startsWith("HTTP/1.1 401").contains("connection: close");
        }
    }

    @Test
    void aBodyThatComesTooSlowly() throws Exception {
        try (RawClient client = new RawClient(gateway.port())) {
            String body = GatewayFixture.body("");
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + gateway.key.secret()
                    + "\r\nExpect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 100");
            gateway.timers.turn(GatewayLimits.DEFAULT.bodyTime().plusSeconds(1));
            client.send(body);
            assertThat(client.head()).startsWith("HTTP/1.1 408");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"})
    void otherMediaTypes(String type) throws Exception {
        HttpRequest.Builder request = gateway.request(GatewayFixture.CHAT)
                .setHeader("content-type", type)
                .POST(BodyPublishers.ofString(GatewayFixture.body("")));
        assertError(gateway.send(request), 415, "unsupported_media_type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dk-none", "Basic eDp5", "Bearer", "Bearer ", "Bearer dk-none"})
    void missingAndBadKeys(String authorization) throws Exception {
        for (String path :
                new String[] {"/v1/chat/completions", "/v1/models", "/v1/models/x", "/v1/credits", "/v1/jobs/x"}) {
            HttpRequest.Builder request = gateway.request(path).setHeader("authorization", authorization);
            HttpResponse<String> response = gateway.send(
                    path.contains("chat")
                            ? request.POST(BodyPublishers.ofString(GatewayFixture.body("")))
                            : request.GET());
            assertError(response, 401, "invalid_api_key");
            assertThat(response.headers().firstValue("www-authenticate")).contains("Bearer");
        }
    }

    @Test
    void aRevokedKeyIsRefusedAtOnce() throws Exception {
        ApiKeys.Created other = gateway.keys.create("other", GatewayFixture.PAYER);
        HttpRequest.Builder request =
                gateway.request("/v1/models").setHeader("authorization", "bearer " + other.secret());
        assertThat(gateway.send(request.GET()).statusCode()).isEqualTo(200);
        gateway.keys.revoke(other.key().id());
        assertError(gateway.send(request.GET()), 401, "invalid_api_key");
    }

    @Test
    void noCredit() throws Exception {
        Account payer = new Account(Bytes.utf8("q".repeat(32)));
        gateway.jobs.hasNoCredits(payer);
        String secret = gateway.keys.create("poor", payer).secret();
        HttpRequest.Builder request = gateway.request(GatewayFixture.CHAT)
                .setHeader("authorization", "Bearer " + secret)
                .POST(BodyPublishers.ofString(GatewayFixture.body("")));
        assertError(gateway.send(request), 402, "insufficient_quota");
    }

    @Test
    void pathsThatAreNotThereAndMethodsThatAreWrong() throws Exception {
        assertError(gateway.get("/v1/nothing"), 404, "unknown_url");
        assertError(gateway.get("/v1/completions"), 404, "unknown_url");
        HttpResponse<String> response = gateway.get(GatewayFixture.CHAT);
        assertError(response, 405, "method_not_allowed");
        assertThat(response.headers().firstValue("allow")).contains("POST");
        for (String path :
                new String[] {"/v1/models", "/v1/models/a/b", "/v1/credits", "/v1/jobs/x", "/v1/jobs/x/receipt"}) {
            response = gateway.send(gateway.request(path).DELETE());
            assertError(response, 405, "method_not_allowed");
            assertThat(response.headers().firstValue("allow")).contains("GET");
        }
    }

    @Test
    void pathsOfOthersStayTheirs() throws Exception {
        assertThat(gateway.get("/v1/other/thing").body()).isEqualTo("somebody else's");
        HttpResponse<String> response = gateway.get("/elsewhere");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).doesNotContain("error");
    }

    @Test
    void aSaneRequestIdComesBackAndAnotherIsReplaced() throws Exception {
        HttpRequest.Builder request = gateway.request("/v1/models").GET();
        assertThat(gateway.send(request.setHeader("x-request-id", "abc-1.2:3"))
                        .headers()
                        .firstValue("x-request-id"))
                .contains("abc-1.2:3");
        assertThat(gateway.send(request.setHeader("x-request-id", "a b"))
                        .headers()
                        .firstValue("x-request-id"))
                .hasValueSatisfying(id -> assertThat(id).matches("req-[0-9a-f]{32}"));
    }

    private static HttpRequest.Builder chat() {
        return gateway.request(GatewayFixture.CHAT);
    }

    private static JsonNode assertError(HttpResponse<String> response, int status, String code) throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        assertThat(response.headers().firstValue("x-request-id")).isPresent();
        JsonNode root = GatewayFixture.json(response.body());
        assertThat(root.size()).isOne();
        JsonNode error = root.path("error");
        assertThat(error.propertyStream().map(Map.Entry::getKey)).containsExactly("message", "type", "param", "code");
        assertThat(error.path("message").asText()).isNotBlank();
        assertThat(error.path("code").asText()).isEqualTo(code);
        return error;
    }
}
