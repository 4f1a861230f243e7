package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** Answers whose logits are made up, over the real vocabulary: what the "model" wants to say stands in the test. */
final class AnswerTest {
    private static final int MOST = 200;
    private static final List<Tool> TOOLS = List.of(
            new Tool(
                    "add",
                    "Adds",
                    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":99}},"
                            + "\"required\":[\"a\"],\"additionalProperties\":false}",
                    true),
            new Tool("stop", "Stops", "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}", true));

    private static LlamaApi api;
    private static MemorySegment model;
    private static Vocabulary vocabulary;

    @BeforeAll
    static void open() {
        api = LlamaLibrary.load(TestEngine.library()).api();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = api.modelDefaults(arena);
            parameters.set(
                    ValueLayout.JAVA_BOOLEAN, LlamaLayouts.offset(LlamaLayouts.MODEL_PARAMS, "vocab_only"), true);
            MemorySegment loaded =
                    api.loadModel(arena.allocateFrom(TestEngine.model().toString()), parameters);
            assertThat(loaded).isNotNull();
            model = loaded;
        }
        vocabulary = new Vocabulary(api, model);
    }

    @AfterAll
    static void free() {
        api.freeModel(model);
    }

    /** What an answer became. */
    private record Told(
            List<GenerationEvent> events, @Nullable FinishReason reason) {
        String text() {
            StringBuilder text = new StringBuilder();
            events.forEach(event -> text.append(event instanceof TextDelta delta ? delta.text() : ""));
            return text.toString();
        }

        String calls() {
            StringBuilder calls = new StringBuilder();
            for (GenerationEvent event : events) {
                if (event instanceof ToolCallDelta delta) {
                    calls.append(delta.name() == null ? "" : "|" + delta.index() + delta.name())
                            .append(delta.arguments());
                }
            }
            return calls.toString();
        }

        int tokens() {
            int tokens = 0;
            for (GenerationEvent event : events) {
                tokens += event instanceof TextDelta delta ? delta.tokens() : ((ToolCallDelta) event).tokens();
            }
            return tokens;
        }
    }

    /** Lets a "model" say {@code wanted}, token by token, and then end; where it may not it takes what comes next. */
    private static Told tell(GenerationRequest.Builder request, String wanted) throws InterruptedException {
        Answer answer = Decoding.of(request.build(), vocabulary).answer(0, MOST);
        LlamaStream stream = new LlamaStream(1, () -> {}, () -> {});
        Sampler.Scratch scratch = new Sampler.Scratch(vocabulary.size());
        List<GenerationEvent> events = new ArrayList<>();
        FinishReason reason = null;
        int[] tokens = vocabulary.tokenize(wanted);
        for (int i = 0; i < MOST && reason == null; i++) {
            Arrays.fill(scratch.logits, 0);
            for (int token = 0; token < vocabulary.size(); token++) {
                if (i >= tokens.length ? vocabulary.ends(token) : token == tokens[i]) {
                    scratch.logits[token] = 10;
                }
            }
            reason = answer.next(scratch);
            answer.deliver(stream);
            for (GenerationEvent event = stream.poll(); event != null; event = stream.poll()) {
                events.add(event);
            }
        }
        return new Told(events, reason);
    }

    private static GenerationRequest.Builder auto() {
        return TestEngine.greedy("Hi", 100).tools(TOOLS, ToolChoice.AUTO);
    }

    @Test
    void textBeforeACallIsTextAndTheCallIsNot() throws Exception {
        Told told = tell(
                auto(), "Sure <tool <3. <tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 12}}\n</tool_call>");
        assertThat(told.text()).isEqualTo("Sure <tool <3. ");
        assertThat(told.calls()).isEqualTo("|0add{\"a\": 12}");
        assertThat(told.reason()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(told.tokens()).isLessThanOrEqualTo(100).isGreaterThan(15);
    }

    @Test
    void severalCallsFollowEachOther() throws Exception {
        Told told = tell(
                auto(),
                "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>\n"
                        + "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>");
        assertThat(told.text()).isEmpty();
        assertThat(told.calls()).isEqualTo("|0add{\"a\": 1}|1stop{}");
        assertThat(told.reason()).isEqualTo(FinishReason.TOOL_CALLS);
    }

    @Test
    void aCallThatDoesNotFitCannotBeWritten() throws Exception {
        Told told = tell(
                auto(), "<tool_call>\n{\"name\": \"rob\", \"arguments\": {\"a\": 100, \"b\": 2}} and so on and on");
        assertThat(told.text()).isEmpty();
        assertThat(told.calls()).doesNotContain("rob", "100", "\"b\"");
    }

    @Test
    void textWithoutACallIsFree() throws Exception {
        Told told = tell(auto(), "No call, just text. <tool_cal");
        assertThat(told.text()).isEqualTo("No call, just text. <tool_cal");
        assertThat(told.reason()).isEqualTo(FinishReason.STOP);
        assertThat(told.calls()).isEmpty();
    }

    @Test
    void aStopTextEndsTextBeforeACall() throws Exception {
        Told told = tell(auto().stop(List.of("END")), "One END <tool_call>");
        assertThat(told.text()).isEqualTo("One ");
        assertThat(told.reason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void aForcedCallComesWhateverTheModelWants() throws Exception {
        Told told = tell(
                TestEngine.greedy("Hi", 100).tools(TOOLS, new ToolChoice(ToolChoice.Kind.FUNCTION, "stop")),
                "I would rather not call anything.");
        assertThat(told.text()).isEmpty();
        assertThat(told.calls()).startsWith("|0stop{");
        assertThat(told.reason()).isEqualTo(FinishReason.TOOL_CALLS);
    }

    @Test
    void nobodyEndsAnAnswerThatIsNotComplete() throws Exception {
        Told told = tell(
                TestEngine.greedy("Hi", 100)
                        .format(new ResponseFormat(ResponseFormat.Kind.GRAMMAR, "root ::= \"a\" [bc] \"d\"")),
                "a");
        // It wants to end after "a"; something else comes, and the answer goes on.
        assertThat(told.text()).isIn("abd", "acd");
    }
}
