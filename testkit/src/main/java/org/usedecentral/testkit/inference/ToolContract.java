package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** Calls of tools. */
interface ToolContract extends BackendFixture {
    /** Bounded, so that a small model comes to its end. */
    Tool WEATHER = new Tool("weather", "Tells the weather of a city for some days.", """
            {"type":"object","additionalProperties":false,"required":["city","days","units"],"properties":{
              "city":{"type":"string","minLength":1,"maxLength":16},
              "days":{"type":"integer","minimum":1,"maximum":7},
              "units":{"enum":["metric","imperial"]}}}""", true);

    Tool TIME = new Tool("time", "Tells the time in a time zone.", """
            {"type":"object","additionalProperties":false,"required":["zones"],"properties":{
              "zones":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string","maxLength":8}}}}""", true);

    private static GenerationRequest offering(Asked asked, ToolChoice choice) {
        return asked.request("What is the weather in Paris for the next two days? Use a tool.", 256).toBuilder()
                .tools(List.of(WEATHER, TIME), choice)
                .build();
    }

    /** A call as its pieces make it. */
    record Call(String id, String name, StringBuilder arguments) {}

    /** The calls of the first choice, by index; fails on pieces that are out of order. */
    static List<Call> calls(Collected answer) {
        Map<Integer, Call> calls = new TreeMap<>();
        Set<String> ids = new HashSet<>();
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.ToolCallDelta delta && delta.choice() == 0) {
                Call call = calls.get(delta.index());
                if (call == null) {
                    assertThat(delta.index()).as("calls are counted up").isEqualTo(calls.size());
                    assertThat(delta.id()).as("the first piece carries an id").isNotBlank();
                    assertThat(delta.name())
                            .as("the first piece carries a name")
                            .isNotBlank();
                    assertThat(ids.add(String.valueOf(delta.id())))
                            .as("ids differ")
                            .isTrue();
                    call = new Call(String.valueOf(delta.id()), String.valueOf(delta.name()), new StringBuilder());
                    calls.put(delta.index(), call);
                } else {
                    assertThat(delta.id()).as("later pieces carry no id").isNull();
                    assertThat(delta.name()).as("later pieces carry no name").isNull();
                }
                call.arguments().append(delta.arguments());
            }
        }
        return List.copyOf(calls.values());
    }

    @Test
    default void callsTheFunctionItMust() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.TOOLS);
        for (Tool tool : List.of(WEATHER, TIME)) {
            Collected answer = asked.answer(offering(asked, new ToolChoice(ToolChoice.Kind.FUNCTION, tool.name())));
            List<Call> calls = calls(answer);
            assertThat(calls).as("calls").isNotEmpty().allSatisfy(call -> {
                assertThat(call.name()).isEqualTo(tool.name());
                assertThat(Schemas.faults(
                                tool.parametersSchema(), call.arguments().toString()))
                        .as("faults of %s", call.arguments())
                        .isEmpty();
            });
            assertThat(answer.reason()).isEqualTo(FinishReason.TOOL_CALLS);
            assertThat(answer.countedTokens()).isBetween(1, answer.usage().outputTokens());
        }
        asked.awaitIdle();
    }

    @Test
    default void callsSomeFunctionWhenItMust() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.TOOLS);
        Collected answer = asked.answer(offering(asked, ToolChoice.REQUIRED));
        List<Call> calls = calls(answer);
        assertThat(calls).as("calls").isNotEmpty().allSatisfy(call -> {
            Tool tool = call.name().equals(TIME.name()) ? TIME : WEATHER;
            assertThat(call.name()).isEqualTo(tool.name());
            assertThat(Schemas.faults(tool.parametersSchema(), call.arguments().toString()))
                    .as("faults of %s", call.arguments())
                    .isEmpty();
        });
        assertThat(answer.reason()).isEqualTo(FinishReason.TOOL_CALLS);
    }

    @Test
    default void callsNothingWhenItMustNot() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.TOOLS);
        Collected answer = asked.answer(
                offering(asked, ToolChoice.NONE).toBuilder().maxOutputTokens(32).build());
        assertThat(calls(answer)).isEmpty();
        assertThat(answer.reason()).isNotEqualTo(FinishReason.TOOL_CALLS);
        assertThat(answer.usage().outputTokens()).isPositive();
    }

    @Test
    default void takesWhatAToolAnswered() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.TOOLS);
        Message question = Message.of(Message.Role.USER, "What is the weather in Paris?");
        Message call = new Message(
                Message.Role.ASSISTANT,
                List.of(),
                null,
                List.of(new Message.ToolCall(
                        "call_1", "weather", "{\"city\":\"Paris\",\"days\":1,\"units\":\"metric\"}")),
                null);
        Message result = new Message(
                Message.Role.TOOL, List.of(new Message.ContentPart.Text("Sunny, 24 °C")), null, List.of(), "call_1");
        GenerationRequest request = GenerationRequest.builder(model(), List.of(question, call, result))
                .sampling(asked.request(1).sampling())
                .maxOutputTokens(24)
                .tools(List.of(WEATHER), ToolChoice.NONE)
                .build();
        Collected answer = asked.answer(request);
        assertThat(answer.text()).isNotBlank();
        Collected without = asked.answer(
                request.toBuilder().tools(List.of(), ToolChoice.AUTO).build());
        assertThat(without.usage().outputTokens())
                .as("calls may be answered without offering tools again")
                .isPositive();
        asked.awaitIdle();
    }
}
