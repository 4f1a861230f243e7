package org.usedecentral.backend.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.testkit.inference.Collected;

/** Streams in the shapes that vLLM, llama-server and Ollama document. */
@Timeout(30)
final class DialectTest {
    private static String chunk(String choices, String rest) {
        return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":["
                + choices + "]" + rest + "}\n\n";
    }

    private static String delta(String delta) {
        return "{\"index\":0,\"delta\":{" + delta + "},\"logprobs\":null,\"finish_reason\":null}";
    }

    private static String finish(String reason) {
        return "{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}";
    }

    private static String usage(int prompt, int completion) {
        return ",\"usage\":{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + completion + ",\"total_tokens\":"
                + (prompt + completion) + "}";
    }

    private static Collected run(FaultServer server, GenerationRequest request, String... more) throws Exception {
        OpenAiBackend backend = TestBackend.start(server, more);
        try {
            return Collected.from(backend.generate(request));
        } finally {
            backend.close();
        }
    }

    @Test
    void vllmTellsTokensOnEachChunk() throws Exception {
        String stream = chunk(delta("\"role\":\"assistant\",\"content\":\"\""), usage(7, 0))
                + chunk(delta("\"reasoning_content\":\"hm\""), usage(7, 2))
                + ": keep-alive\n\n"
                + chunk(delta("\"content\":\"Hel\""), usage(7, 3))
                + chunk(delta("\"content\":\"lo\""), usage(7, 6))
                + chunk(finish("stop"), usage(7, 7))
                + chunk(
                        "",
                        ",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":7,\"prompt_tokens_details\":{\"cached_tokens\":4},"
                                + "\"completion_tokens_details\":{\"reasoning_tokens\":2}}")
                + "data: [DONE]\n\n";
        try (FaultServer server = FaultServer.of("vllm").chat(FaultServer.stream(stream))) {
            Collected all = run(
                    server,
                    TestBackend.request("hi").maxOutputTokens(50).build(),
                    "upstream-models.0.id",
                    "m",
                    "upstream-models.0.features",
                    "generate,prefix-caching");
            assertThat(all.text()).isEqualTo("Hello");
            assertThat(all.text(0, PartKind.REASONING)).isEqualTo("hm");
            assertThat(all.events()).extracting(e -> ((TextDelta) e).tokens()).containsExactly(2, 1, 3);
            assertThat(all.usage()).isEqualTo(new Usage(7, 7, 4, 2));
            assertThat(server.received().getLast().body()).contains("\"continuous_usage_stats\":true");
        }
    }

    @Test
    void llamaServerTellsTokensByTimings() throws Exception {
        String stream = chunk(delta("\"role\":\"assistant\",\"content\":null"), "")
                + chunk(delta("\"content\":\"a\""), ",\"timings\":{\"cache_n\":3,\"prompt_n\":9,\"predicted_n\":1}")
                + chunk(delta("\"content\":\"b\""), ",\"timings\":{\"cache_n\":3,\"prompt_n\":9,\"predicted_n\":2}")
                + chunk(finish("length"), "")
                + chunk("", usage(12, 2))
                + "data: [DONE]\n\n";
        try (FaultServer server = FaultServer.of("llamacpp")
                .on("/props", FaultServer.json(200, "{\"default_generation_settings\":{\"n_ctx\":777}}"))
                .chat(FaultServer.stream(stream))) {
            server.models("{\"id\":\"m\",\"owned_by\":\"llamacpp\",\"meta\":{\"n_ctx_train\":8192}}");
            OpenAiBackend backend = TestBackend.start(server);
            assertThat(backend.models().getFirst().limits().contextTokens()).isEqualTo(777);
            assertThat(backend.models().getFirst().features()).contains(Feature.GRAMMAR);
            GenerationRequest request = TestBackend.request("hi")
                    .format(new ResponseFormat(ResponseFormat.Kind.GRAMMAR, "root ::= \"ab\""))
                    .sampling(Sampling.builder()
                            .topK(5)
                            .minP(0.1)
                            .seed(3)
                            .presencePenalty(0.5)
                            .build())
                    .build();
            Collected all = Collected.from(backend.generate(request));
            assertThat(all.usage()).isEqualTo(new Usage(12, 2, 3, 0));
            assertThat(all.reason()).isEqualTo(FinishReason.LENGTH);
            assertThat(server.received().getLast().body())
                    .contains(
                            "\"timings_per_token\":true",
                            "\"grammar\":",
                            "\"top_k\":5",
                            "\"min_p\":0.1",
                            "\"seed\":3",
                            "\"presence_penalty\":0.5");
            backend.close();
        }
    }

    @Test
    void llamaServerCountsByItsPathWithoutGenerating() {
        try (FaultServer server = FaultServer.of("llamacpp")
                .on("/v1/chat/completions/input_tokens", FaultServer.json(200, "{\"input_tokens\":31}"))) {
            OpenAiBackend backend = TestBackend.start(server);
            assertThat(backend.countInputTokens(TestBackend.request("hi").build()))
                    .isEqualTo(31);
            backend.close();
        }
    }

    @Test
    void vllmCountsAtItsRootWhenTheStreamDoesNotTell() throws Exception {
        String stream = chunk(delta("\"content\":\"x\""), "") + chunk(finish("stop"), "") + "data: [DONE]\n\n";
        try (FaultServer server = FaultServer.of("vllm")
                .on("/tokenize", FaultServer.json(200, "{\"count\":19,\"max_model_len\":1000,\"tokens\":[1]}"))
                .chat(FaultServer.stream(stream))) {
            Collected all = run(server, TestBackend.request("hi").build());
            assertThat(all.usage()).isEqualTo(new Usage(19, 1));
        }
    }

    @Test
    void ollamaIsProbedAndItsWholeToolCallsAreUnderstood() throws Exception {
        String call = "\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"call_1\",\"index\":0,"
                + "\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Paris\\\"}\"}}]";
        String stream = chunk(delta("\"role\":\"assistant\",\"content\":\"\",\"reasoning\":\"so\""), "")
                + chunk(delta(call), "")
                + chunk(finish("tool_calls"), "")
                + chunk("", usage(5, 9))
                + "data: [DONE]\n\n";
        try (FaultServer server = FaultServer.of("library").chat(FaultServer.counted(stream))) {
            Collected all = run(
                    server,
                    TestBackend.request("hi")
                            .tools(List.of(new Tool("weather", "", "{\"type\":\"object\"}", true)), ToolChoice.REQUIRED)
                            .build(),
                    "upstream-models.0.id",
                    "m",
                    "upstream-models.0.features",
                    "generate,tools");
            assertThat(all.events().getLast())
                    .isEqualTo(new ToolCallDelta(0, 0, "call_1", "weather", "{\"city\":\"Paris\"}", 1));
            assertThat(all.text(0, PartKind.REASONING)).isEqualTo("so");
            assertThat(all.usage()).isEqualTo(new Usage(5, 9));
            assertThat(all.reason()).isEqualTo(FinishReason.TOOL_CALLS);
            assertThat(server.received())
                    .filteredOn(r -> r.path().endsWith("/chat/completions"))
                    .extracting(FaultServer.Received::isStreamed)
                    .containsExactly(false, true);
        }
    }

    @Test
    void toolCallsWithoutIndexAreToldApartByTheirIds() throws Exception {
        String first = "\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]";
        String more = "\"tool_calls\":[{\"function\":{\"arguments\":\"}\"}}]";
        String second = "\"tool_calls\":[{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":{\"x\":1}}}]";
        String stream = chunk(delta(first), "")
                + chunk(delta(more), "")
                + chunk(delta(second), "")
                + chunk(finish("tool_calls"), usage(5, 5));
        try (FaultServer server = FaultServer.of("x").chat(FaultServer.counted(stream))) {
            Collected all = run(server, TestBackend.request("hi").build());
            assertThat(all.events())
                    .containsExactly(
                            new ToolCallDelta(0, 0, "a", "f", "{", 1),
                            new ToolCallDelta(0, 0, null, null, "}", 1),
                            new ToolCallDelta(0, 1, "b", "g", "{\"x\":1}", 1));
        }
    }

    @Test
    void logProbabilitiesCountTheTokens() throws Exception {
        String item =
                "{\"token\":\"a\",\"logprob\":-0.5,\"bytes\":[97],\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-9999.0,\"bytes\":null}]}";
        String stream = chunk(
                        "{\"index\":0,\"delta\":{\"content\":\"aa\"},\"logprobs\":{\"content\":[" + item + "," + item
                                + "]},\"finish_reason\":null}",
                        "")
                + chunk(finish("stop"), usage(7, 2));
        try (FaultServer server = FaultServer.of("vllm")
                .on("/tokenize", FaultServer.json(200, "{\"count\":7}"))
                .chat(FaultServer.stream(stream))) {
            Collected all = run(
                    server,
                    TestBackend.request("hi").topLogprobs(OptionalInt.of(1)).build());
            TextDelta delta = (TextDelta) all.events().getFirst();
            assertThat(delta.tokens()).isEqualTo(2);
            assertThat(delta.info()).hasSize(2).allSatisfy(info -> {
                assertThat(info.logProbability()).isEqualTo(-0.5);
                assertThat(info.alternatives()).hasSize(1);
            });
        }
    }

    @Test
    void aCharacterCutByEscapesIsWhole() throws Exception {
        String stream = chunk(delta("\"content\":\"a\\ud83d\""), "")
                + chunk(delta("\"content\":\"\\ude00b\\udc00\""), "")
                + chunk(finish("stop"), usage(5, 3));
        try (FaultServer server = FaultServer.of("x").chat(FaultServer.counted(stream))) {
            assertThat(run(server, TestBackend.request("hi").build()).text()).isEqualTo("a😀b\uFFFD");
        }
    }

    @Test
    void choicesEndEachForTheirOwnReason() throws Exception {
        String stream = chunk("{\"index\":1,\"delta\":{\"content\":\"B\"},\"finish_reason\":\"length\"}", usage(4, 1))
                + chunk("{\"index\":0,\"delta\":{\"content\":\"A\"},\"finish_reason\":\"stop\"}", usage(4, 2));
        try (FaultServer server = FaultServer.of("vllm").chat(FaultServer.stream(stream))) {
            Collected all = run(server, TestBackend.request("hi").choices(2).build());
            assertThat(all.end().reasons()).containsExactly(FinishReason.STOP, FinishReason.LENGTH);
            assertThat(all.text(1, PartKind.TEXT)).isEqualTo("B");
        }
    }

    @Test
    void moreTokensThanWereAskedForAreNotBilled() throws Exception {
        String stream = chunk(delta("\"content\":\"a\""), usage(4, 900)) + chunk(finish("stop"), usage(4, 900));
        try (FaultServer server = FaultServer.of("vllm").chat(FaultServer.stream(stream))) {
            Collected all =
                    run(server, TestBackend.request("hi").maxOutputTokens(10).build());
            assertThat(all.usage().outputTokens()).isEqualTo(10);
            assertThat(all.countedTokens()).isEqualTo(10);
        }
    }

    @Test
    void chunksThatAreNoTokensAreNotCountedASecondTime() throws Exception {
        String stream = chunk(delta("\"content\":\"a\""), "")
                + chunk(delta("\"content\":\"b\""), "")
                + chunk(delta("\"content\":\"c\""), "")
                + chunk(finish("stop"), usage(5, 2));
        try (FaultServer server = FaultServer.of("x").chat(FaultServer.counted(stream))) {
            OpenAiBackend backend = TestBackend.start(server);
            GenerationRequest request = TestBackend.request("hi").build();
            Collected first = Collected.from(backend.generate(request));
            assertThat(first.countedTokens())
                    .isEqualTo(3)
                    .isEqualTo(first.usage().outputTokens());
            Collected second = Collected.from(backend.generate(request));
            assertThat(second.countedTokens()).isZero();
            assertThat(second.usage().outputTokens()).isEqualTo(2);
            backend.close();
        }
    }

    @Test
    void withoutUsageChunksAreTheTokens() throws Exception {
        String stream = chunk(delta("\"content\":\"a\""), "") + chunk(finish("stop"), "") + "data: [DONE]\n\n";
        try (FaultServer server = FaultServer.of("x").chat(FaultServer.counted(stream))) {
            assertThat(run(server, TestBackend.request("hi").build()).usage()).isEqualTo(new Usage(5, 1));
        }
    }

    @Test
    void anEstimateAsksNobody() throws Exception {
        String stream = chunk(delta("\"content\":\"a\""), "") + chunk(finish("stop"), usage(99, 1));
        try (FaultServer server = FaultServer.of("x").chat(FaultServer.stream(stream))) {
            Collected all =
                    run(server, TestBackend.request("twenty-five characters ..").build(), "token-counting", "estimate");
            assertThat(all.usage()).isEqualTo(new Usage(5, 1));
            assertThat(server.received()).hasSize(2);
        }
    }

    @Test
    void resumesWhereConfigured() throws Exception {
        String stream = chunk(delta("\"content\":\"b\""), usage(5, 1)) + chunk(finish("stop"), usage(5, 1));
        try (FaultServer server = FaultServer.of("vllm").chat(FaultServer.stream(stream))) {
            Collected all = run(
                    server,
                    TestBackend.request("hi").resumeFrom("a").build(),
                    "upstream-models.0.id",
                    "m",
                    "upstream-models.0.features",
                    "generate,resume");
            assertThat(all.text()).isEqualTo("b");
            assertThat(server.received().getLast().body())
                    .contains("\"continue_final_message\":true", "\"add_generation_prompt\":false");
        }
    }

    @Test
    void whatADialectHasNoWordsForIsRefused() {
        try (FaultServer server = FaultServer.of("library")) {
            OpenAiBackend backend = TestBackend.start(server);
            DecentralException e = catchThrowableOfType(
                    DecentralException.class,
                    () -> backend.generate(TestBackend.request("hi")
                            .sampling(Sampling.builder().topK(5).build())
                            .build()));
            assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE);
            assertThat(backend.load().running()).isZero();
            DecentralException counting = catchThrowableOfType(
                    DecentralException.class,
                    () -> backend.countInputTokens(TestBackend.request("hi").build()));
            assertThat(counting.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE);
            backend.close();
        }
    }
}
