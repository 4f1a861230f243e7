package org.usedecentral.samples.backend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.node.Node;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.testkit.inference.Schemas;
import org.usedecentral.testkit.inference.ScriptedBackend;

/** Choices, tools, schemas and log probabilities from a worker to an HTTP client, streamed and whole: both say the same. */
@Timeout(120)
final class FeaturesOverHttpTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMA = "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"city\"],"
            + "\"properties\":{\"city\":{\"type\":\"string\",\"maxLength\":12}}}";

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private Node node = Node.create(Config.empty());
    private WebServer server = WebServer.builder().shutdownHook(false).build();
    private String key = "";

    @BeforeEach
    void start() {
        node = Node.builder()
                .config(Config.just(ConfigSources.create(Map.of("data-directory", directory.toString()))))
                .backend(ScriptedBackend.of(
                        "m",
                        Feature.MULTIPLE_CHOICES,
                        Feature.TOOLS,
                        Feature.JSON_SCHEMA,
                        Feature.LOGPROBS,
                        Feature.TOKEN_IDS))
                .build()
                .start();
        key = node.apiKeys().create("test", node.developmentPayer()).secret();
        server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .routing(routing -> routing.addFeature(node.gateway()))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop();
        node.close();
    }

    private String post(String fields, boolean stream) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
                        .timeout(Duration.ofSeconds(60))
                        .header("authorization", "Bearer " + key)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":40,"
                                        + "\"stream\":" + stream + "," + fields + "}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private JsonNode whole(String fields) throws IOException, InterruptedException {
        return JSON.readTree(post(fields, false)).path("choices");
    }

    /** The choices of all chunks, in order. */
    private List<JsonNode> streamed(String fields) throws IOException, InterruptedException {
        String body = post(fields, true);
        assertThat(body).endsWith("data: [DONE]\n\n");
        List<JsonNode> choices = new ArrayList<>();
        for (String line : body.lines().toList()) {
            if (line.startsWith("data: {")) {
                JSON.readTree(line.substring(6)).path("choices").forEach(choices::add);
            }
        }
        return choices;
    }

    private static String joined(List<JsonNode> choices, int index, String pointer) {
        StringBuilder text = new StringBuilder();
        for (JsonNode choice : choices) {
            text.append(
                    choice.path("index").asInt() == index ? choice.at(pointer).asText("") : "");
        }
        return text.toString();
    }

    @Test
    void threeChoices() throws IOException, InterruptedException {
        JsonNode whole = whole("\"n\":3");
        List<JsonNode> streamed = streamed("\"n\":3");
        assertThat(whole).hasSize(3);
        for (int i = 0; i < 3; i++) {
            String text = whole.at("/" + i + "/message/content").asText();
            assertThat(text).startsWith("word0 word1");
            assertThat(joined(streamed, i, "/delta/content")).isEqualTo(text);
            assertThat(whole.at("/" + i + "/finish_reason").asText()).isEqualTo("length");
            assertThat(joined(streamed, i, "/finish_reason").replace("null", ""))
                    .isEqualTo("length");
        }
    }

    @Test
    void aForcedToolCall() throws IOException, InterruptedException {
        String fields = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":" + SCHEMA
                + "}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}";
        JsonNode call = whole(fields).at("/0/message/tool_calls/0");
        assertThat(call.at("/function/name").asText()).isEqualTo("weather");
        String arguments = call.at("/function/arguments").asText();
        assertThat(Schemas.faults(SCHEMA, arguments)).isEmpty();

        List<JsonNode> pieces = streamed(fields).stream()
                .filter(choice -> choice.at("/delta/tool_calls").isArray())
                .toList();
        assertThat(pieces)
                .allSatisfy(piece -> assertThat(
                                piece.at("/delta/tool_calls/0/index").asInt(-1))
                        .isZero());
        JsonNode first = pieces.getFirst().at("/delta/tool_calls/0");
        assertThat(first.path("id").asText()).isNotBlank();
        assertThat(first.at("/function/name").asText()).isEqualTo("weather");
        assertThat(joined(pieces, 0, "/delta/tool_calls/0/function/arguments")).isEqualTo(arguments);
    }

    @Test
    void aJsonSchema() throws IOException, InterruptedException {
        String fields = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"place\",\"schema\":"
                + SCHEMA + "}}";
        String whole = whole(fields).at("/0/message/content").asText();
        assertThat(Schemas.faults(SCHEMA, whole)).isEmpty();
        assertThat(joined(streamed(fields), 0, "/delta/content")).isEqualTo(whole);
    }

    @Test
    void logProbabilities() throws IOException, InterruptedException {
        String fields = "\"logprobs\":true,\"top_logprobs\":2";
        JsonNode whole = whole(fields).at("/0/logprobs/content");
        List<JsonNode> streamed = new ArrayList<>();
        for (JsonNode choice : streamed(fields)) {
            choice.at("/logprobs/content").forEach(streamed::add);
        }
        assertThat(whole).hasSize(40);
        assertThat(streamed).containsExactlyElementsOf(whole);
        assertThat(streamed.getFirst().path("token").asText()).isEqualTo("word0");
        assertThat(streamed.getFirst().path("logprob").asDouble()).isEqualTo(-0.5);
        assertThat(streamed.getFirst().path("top_logprobs")).hasSize(2);
    }
}
