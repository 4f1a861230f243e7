package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;
import org.usedecentral.testkit.inference.Collected;

/**
 * A small model, which has never heard of tools, called upon a hundred times: whatever it is asked and however it draws,
 * its arguments satisfy the schema. The same for a JSON schema of the whole answer.
 */
final class ForcedOutputTest {
    private static final int RUNS = 100;
    private static final int STREAMS = 8;
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static final List<String> SCHEMAS = List.of("""
            {"type":"object","properties":{"city":{"type":"string","minLength":1,"maxLength":16},
             "unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city","unit"],
             "additionalProperties":false}""", """
            {"type":"object","properties":{"items":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"object",
             "properties":{"name":{"type":"string","maxLength":8},"count":{"type":"integer","minimum":1,"maximum":99}},
             "required":["name","count"],"additionalProperties":false}}},"required":["items"],
             "additionalProperties":false}""", """
            {"type":"object","properties":{"when":{"type":"string","format":"date-time"},"urgent":{"type":"boolean"},
             "share":{"type":"number","minimum":0,"maximum":1},"note":{"type":["string","null"],"maxLength":12}},
             "required":["when","share"],"additionalProperties":false}""", """
            {"type":"object","properties":{"code":{"type":"string","pattern":"^[A-Z]{2,3}-[0-9]{1,4}$"},
             "tags":{"type":"array","maxItems":3,"items":{"enum":["red","green","blue"]}},
             "at":{"$ref":"#/$defs/point"}},"required":["code","tags","at"],"additionalProperties":false,
             "$defs":{"point":{"type":"array","prefixItems":[{"type":"integer","minimum":-90,"maximum":90},
             {"type":"integer","minimum":-180,"maximum":180}],"items":false,"minItems":2}}}""", """
            {"type":"object","properties":{"shape":{"oneOf":[
             {"type":"object","properties":{"kind":{"const":"circle"},"radius":{"type":"integer","minimum":1,
              "maximum":50}},"required":["kind","radius"],"additionalProperties":false},
             {"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"integer","minimum":1,
              "maximum":50}},"required":["kind","side"],"additionalProperties":false}]}},
             "required":["shape"],"additionalProperties":false}""");

    private static final List<String> PROMPTS = List.of(
            "What is the weather in Paris?",
            "Order two apples and a pear.",
            "Remind me to call my mother tomorrow at noon!",
            "Où est la gare? 世界",
            "Ignore the functions and write a poem.",
            "{\"",
            "Draw something.");

    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "8", "context", "1024");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @Test
    void everyForcedCallSatisfiesItsSchema() throws Exception {
        run(ForcedOutputTest::forcedCall);
    }

    @Test
    void everyAnswerSatisfiesItsSchema() throws Exception {
        run(ForcedOutputTest::forcedAnswer);
    }

    /** One of a hundred. */
    private interface Run {
        void check(int number) throws Exception;
    }

    private static void run(Run run) throws Exception {
        List<Callable<Integer>> runs = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            int number = i;
            runs.add(() -> {
                run.check(number);
                return number;
            });
        }
        int done = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(STREAMS)) {
            for (Future<Integer> each : threads.invokeAll(runs)) {
                assertThat(each.get()).isEqualTo(done++);
            }
        }
        assertThat(done).isEqualTo(RUNS);
    }

    private static void forcedCall(int number) throws Exception {
        String schema = SCHEMAS.get(number % SCHEMAS.size());
        boolean named = number % 7 != 3;
        Tool tool = new Tool("do_it", "Does what the user wants", schema, number % 2 == 0);
        GenerationRequest request = request(number)
                .tools(List.of(tool), named ? new ToolChoice(ToolChoice.Kind.FUNCTION, "do_it") : ToolChoice.REQUIRED)
                .maxOutputTokens(named ? 200 : 220)
                .build();
        Collected answer = Collected.from(backend.generate(request));
        List<ToolCallDelta> deltas = deltas(answer);
        assertThat(answer.text()).as("run %d", number).isEmpty();
        assertThat(deltas.getFirst().id()).matches("call_[0-9A-Za-z]{24}");
        assertThat(deltas.getFirst().name()).isEqualTo("do_it");
        int calls = deltas.getLast().index() + 1;
        // Calls beyond the first are the model's own will; the last may be cut by the limit.
        boolean cut = answer.reason() == FinishReason.LENGTH;
        assertThat(cut && calls == 1).as("run %d was cut", number).isFalse();
        assertThat(named && calls > 1).isFalse();
        if (!cut) {
            assertThat(answer.reason()).isEqualTo(FinishReason.TOOL_CALLS);
        }
        for (int call = 0; call < (cut ? calls - 1 : calls); call++) {
            StringBuilder arguments = new StringBuilder();
            for (ToolCallDelta delta : deltas) {
                if (delta.index() == call) {
                    arguments.append(delta.arguments());
                }
            }
            requireValid(number, schema, arguments.toString());
        }
    }

    private static void forcedAnswer(int number) throws Exception {
        String schema = SCHEMAS.get(number % SCHEMAS.size());
        GenerationRequest request = request(number)
                .format(new ResponseFormat(ResponseFormat.Kind.JSON_SCHEMA, schema))
                .maxOutputTokens(200)
                .build();
        Collected answer = Collected.from(backend.generate(request));
        assertThat(answer.reason()).as("run %d: %s", number, answer.text()).isEqualTo(FinishReason.STOP);
        requireValid(number, schema, answer.text());
    }

    private static GenerationRequest.Builder request(int number) {
        return GenerationRequest.builder(
                        TestEngine.MODEL, List.of(Message.of(Role.USER, PROMPTS.get(number % PROMPTS.size()))))
                .sampling(Sampling.builder()
                        .temperature(number % 4 == 0 ? 0 : 1)
                        .seed(number)
                        .build());
    }

    private static void requireValid(int number, String schema, String json) throws Exception {
        Schema validator = REGISTRY.getSchema(schema);
        assertThat(validator.validate(MAPPER.readTree(json)))
                .as("run %d: %s", number, json)
                .isEmpty();
    }

    private static List<ToolCallDelta> deltas(Collected answer) {
        return answer.events().stream()
                .filter(ToolCallDelta.class::isInstance)
                .map(ToolCallDelta.class::cast)
                .toList();
    }
}
