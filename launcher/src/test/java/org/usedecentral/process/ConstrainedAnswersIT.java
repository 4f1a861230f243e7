package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.testkit.inference.Schemas;

/** Forced tool calls and JSON schemas through a whole node with the real engine and the small model: a hundred of a hundred hold, streamed and whole. */
@Timeout(900)
final class ConstrainedAnswersIT {
    private static final int RUNS = 100;
    private static final int AT_ONCE = 4;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Pattern BASE_URL = Pattern.compile("^base URL +(http://127\\.0\\.0\\.1:[0-9]+/v1)$");
    private static final Pattern API_KEY = Pattern.compile("^API key +(dk-[A-Za-z0-9_-]{43})$");
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Bounded throughout, so that no answer has to be cut off. */
    private static final List<String> SCHEMAS = List.of("""
                    {"type": "object", "properties": {
                       "city": {"type": "string", "minLength": 1, "maxLength": 12},
                       "unit": {"enum": ["celsius", "fahrenheit"]}},
                     "required": ["city", "unit"], "additionalProperties": false}""", """
                    {"type": "object", "properties": {
                       "tags": {"type": "array", "items": {"type": "string", "maxLength": 6}, "minItems": 1, "maxItems": 3},
                       "count": {"type": "integer", "minimum": 1, "maximum": 20},
                       "exact": {"type": "boolean"}},
                     "required": ["tags", "count"], "additionalProperties": false}""", """
                    {"type": "object", "properties": {
                       "points": {"type": "array", "minItems": 2, "maxItems": 2, "items": {
                          "type": "object", "properties": {"x": {"type": "integer", "minimum": -9, "maximum": 9},
                                                          "y": {"type": "integer", "minimum": -9, "maximum": 9}},
                          "required": ["x", "y"], "additionalProperties": false}},
                       "label": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]}},
                     "required": ["points", "label"], "additionalProperties": false}""");

    private static final List<String> QUESTIONS = List.of(
            "What is the weather in Paris?",
            "Find three red things.",
            "Say \"{}\" and nothing else.",
            "Draw a line from here to there.",
            "What do you think of JSON?");

    @TempDir
    private static Path folder;

    private static Launched up;
    private static GatewayApi api;

    @BeforeAll
    static void start() throws Exception {
        up = Built.decentral("up", List.of("up", "--port", "0", "--data-dir", folder.toString()), Map.of());
        URI base = URI.create(up.awaitLine(BASE_URL, LIMIT).group(1));
        api = new GatewayApi(base, up.awaitLine(API_KEY, LIMIT).group(1));
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        try (Launched stopping = up) {
            assertThat(stopping.stop()).isEqualTo(143);
        }
    }

    /** Every third greedy, the others at temperature 1 with a seed of their own. */
    private static ObjectNode question(int run) {
        ObjectNode chat = GatewayApi.chat(QUESTIONS.get(run % QUESTIONS.size()), 256);
        return run % 3 == 0 ? chat : chat.put("temperature", 1).put("seed", run);
    }

    private static String schema(int run) {
        return SCHEMAS.get(run % SCHEMAS.size());
    }

    private interface Run {
        void run(int number) throws Exception;
    }

    private static void hundredTimes(Run run) throws Exception {
        List<Future<?>> runs = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int i = 0; i < RUNS; i++) {
                int number = i;
                runs.add(callers.submit(() -> {
                    run.run(number);
                    return null;
                }));
            }
        }
        for (Future<?> ended : runs) {
            ended.get();
        }
    }

    @Test
    void aForcedCallsArgumentsSatisfyTheirSchema() throws Exception {
        hundredTimes(number -> {
            ObjectNode chat = question(number);
            ObjectNode function =
                    chat.putArray("tools").addObject().put("type", "function").putObject("function");
            function.put("name", "answer").set("parameters", MAPPER.readTree(schema(number)));
            chat.putObject("tool_choice")
                    .put("type", "function")
                    .putObject("function")
                    .put("name", "answer");
            Call call = number % 2 == 0 ? wholeCall(chat) : streamedCall(chat);
            assertThat(call.name()).as("run %d", number).isEqualTo("answer");
            assertThat(Schemas.faults(schema(number), call.arguments()))
                    .as("run %d: %s", number, call.arguments())
                    .isEmpty();
        });
    }

    private record Call(String name, String arguments) {}

    private static Call wholeCall(ObjectNode chat) throws Exception {
        JsonNode choice = api.complete(chat).ok().path("choices").path(0);
        assertThat(choice.path("finish_reason").asText()).isEqualTo("tool_calls");
        JsonNode calls = choice.path("message").path("tool_calls");
        assertThat(calls).hasSize(1);
        assertThat(calls.path(0).path("id").asText()).isNotBlank();
        JsonNode function = calls.path(0).path("function");
        return new Call(
                function.path("name").asText(), function.path("arguments").asText());
    }

    private static Call streamedCall(ObjectNode chat) throws Exception {
        StringBuilder name = new StringBuilder();
        StringBuilder arguments = new StringBuilder();
        try (Streamed stream = api.stream(chat)) {
            for (Optional<JsonNode> event = stream.next(); event.isPresent(); event = stream.next()) {
                for (JsonNode piece : event.get().at("/choices/0/delta/tool_calls")) {
                    assertThat(piece.path("index").isInt()).isTrue();
                    assertThat(piece.path("index").asInt()).isZero();
                    assertThat(piece.has("id"))
                            .as("the first piece has the id, and no other")
                            .isEqualTo(arguments.isEmpty() && name.isEmpty());
                    name.append(piece.path("function").path("name").asText());
                    arguments.append(piece.path("function").path("arguments").asText());
                }
            }
            assertThat(stream.reasons()).as(stream.toString()).containsExactly("tool_calls");
            assertThat(stream.ends()).isEqualTo(1);
        }
        return new Call(name.toString(), arguments.toString());
    }

    @Test
    void anAnswerSatisfiesItsSchema() throws Exception {
        hundredTimes(number -> {
            ObjectNode chat = question(number);
            chat.putObject("response_format")
                    .put("type", "json_schema")
                    .putObject("json_schema")
                    .put("name", "answer")
                    .put("strict", true)
                    .set("schema", MAPPER.readTree(schema(number)));
            String text = number % 2 == 0 ? whole(chat) : streamed(chat);
            assertThat(Schemas.faults(schema(number), text))
                    .as("run %d: %s", number, text)
                    .isEmpty();
        });
    }

    private static String whole(ObjectNode chat) throws Exception {
        JsonNode choice = api.complete(chat).ok().path("choices").path(0);
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
        return choice.path("message").path("content").asText();
    }

    private static String streamed(ObjectNode chat) throws Exception {
        try (Streamed stream = api.stream(chat)) {
            stream.readToEnd();
            assertThat(stream.reasons()).as(stream.toString()).containsExactly("stop");
            assertThat(stream.ends()).isEqualTo(1);
            return stream.text();
        }
    }
}
