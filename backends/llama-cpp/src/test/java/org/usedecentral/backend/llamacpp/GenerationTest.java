package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.usedecentral.backend.llamacpp.TestEngine.Output;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.Sampling;

/** What is generated, on the real engine. */
final class GenerationTest {
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "8");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @Test
    void answersAChatAndEndsByItself() throws Exception {
        Output output = TestEngine.run(
                backend, TestEngine.greedy("Where does the sun rise?", 64).build());
        assertThat(output.text()).contains("rises in the east");
        assertThat(output.reason()).isEqualTo(FinishReason.STOP);
        assertThat(output.usage().inputTokens()).isEqualTo(36);
        assertThat(output.usage().outputTokens()).isBetween(1, 63);
        assertThat(output.countedTokens()).isEqualTo(output.usage().outputTokens());
    }

    @Test
    void usesTheConversationAndTheSystemMessage() throws Exception {
        GenerationRequest request = GenerationRequest.builder(
                        TestEngine.MODEL,
                        List.of(
                                Message.of(Role.SYSTEM, "You are a helpful assistant."),
                                Message.of(Role.USER, "My name is Zanthor."),
                                Message.of(Role.ASSISTANT, "Hello Zanthor, nice to meet you."),
                                Message.of(Role.USER, "What is my name?")))
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(32)
                .build();
        assertThat(TestEngine.run(backend, request).text()).contains("Zanthor");
    }

    @Test
    void stopsAtTheLimit() throws Exception {
        Output output = TestEngine.run(
                backend, TestEngine.greedy("Tell me a long story.", 20).build());
        assertThat(output.reason()).isEqualTo(FinishReason.LENGTH);
        assertThat(output.usage().outputTokens()).isEqualTo(20);
        assertThat(output.countedTokens()).isEqualTo(20);
    }

    @Test
    void withoutALimitGoesOnUntilTheContextIsFull() throws Exception {
        try (LlamaCppBackend small = TestEngine.start("context", "256", "slots", "1")) {
            GenerationRequest request =
                    TestEngine.greedy("Give me some emoji.", 0).build();
            Output output = TestEngine.run(small, request);
            assertThat(output.reason()).isEqualTo(FinishReason.LENGTH);
            assertThat(output.usage().totalTokens()).isEqualTo(256);
        }
    }

    @Test
    void greedyTokensAreTheSameAtAnyLoad() throws Exception {
        List<GenerationRequest> requests = mixedLengths();
        List<Output> alone = new ArrayList<>();
        for (GenerationRequest request : requests) {
            alone.add(TestEngine.run(backend, request));
        }
        for (int streams : new int[] {2, 4, 8}) {
            try (ExecutorService threads = Executors.newFixedThreadPool(streams)) {
                List<Future<Output>> together = new ArrayList<>();
                for (GenerationRequest request : requests) {
                    together.add(threads.submit(() -> TestEngine.run(backend, request)));
                }
                for (int i = 0; i < requests.size(); i++) {
                    Output output = together.get(i).get();
                    assertThat(output.text())
                            .as("request %d beside %d", i, streams - 1)
                            .isEqualTo(alone.get(i).text());
                    assertThat(output.usage().inputTokens())
                            .isEqualTo(alone.get(i).usage().inputTokens());
                    assertThat(output.usage().outputTokens())
                            .isEqualTo(alone.get(i).usage().outputTokens());
                }
            }
        }
    }

    /** Prompts of 40 to 300 tokens, outputs of 8 to 64: they join and leave at different steps. */
    private static List<GenerationRequest> mixedLengths() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String prompt = "Tell me about the number " + i + ". " + "It is a very fine number. ".repeat((i * i) % 37);
            requests.add(TestEngine.greedy(prompt, 8 + (i * 37) % 57).build());
        }
        return requests;
    }

    @Test
    void aSeedRepeatsAndAnotherDiffers() throws Exception {
        String first = sampled(11);
        assertThat(sampled(11)).isEqualTo(first);
        assertThat(sampled(12)).isNotEqualTo(first);
    }

    @Test
    void aSeedRepeatsBesideOthersToo() throws Exception {
        String alone = sampled(5);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<String>> together = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                together.add(threads.submit(() -> sampled(5)));
            }
            for (Future<String> each : together) {
                assertThat(each.get()).isEqualTo(alone);
            }
        }
    }

    private static String sampled(long seed) throws InterruptedException {
        Sampling sampling = Sampling.builder()
                .temperature(0.9)
                .topK(50)
                .topP(0.95)
                .seed(seed)
                .build();
        return TestEngine.run(
                        backend,
                        TestEngine.greedy("Invent a name for a cat.", 24)
                                .sampling(sampling)
                                .build())
                .text();
    }

    @Test
    void stopTextsThatSpanTokensEndTheOutputBeforeThem() throws Exception {
        String whole = TestEngine.run(
                        backend, TestEngine.greedy("Tell me a long story.", 60).build())
                .text();
        for (int from = 5; from + 9 < whole.length(); from += 17) {
            String stop = whole.substring(from, from + 9);
            Output output = TestEngine.run(
                    backend,
                    TestEngine.greedy("Tell me a long story.", 60)
                            .stop(List.of("never there", stop))
                            .build());
            assertThat(output.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
            assertThat(output.reason()).isEqualTo(FinishReason.STOP);
        }
    }

    @Test
    void aStopThatNeverComesHoldsNothingBackForGood() throws Exception {
        GenerationRequest plain = TestEngine.greedy("Tell me a long story.", 40).build();
        Output whole = TestEngine.run(backend, plain);
        String ending = whole.text().substring(whole.text().length() - 3);
        Output output = TestEngine.run(
                backend, plain.toBuilder().stop(List.of(ending + "#")).build());
        assertThat(output.text()).isEqualTo(whole.text());
        assertThat(output.usage()).isEqualTo(whole.usage());
    }

    @Test
    void emojiArriveWhole() throws Exception {
        GenerationRequest request = TestEngine.greedy("Repeat this line ten times: 🙂🎉🚀 世界 🙂🎉🚀 世界", 96)
                .build();
        Output output = TestEngine.run(backend, request);
        assertThat(output.text()).containsAnyOf("🙂", "🎉", "🚀", "世", "界");
        for (String delta : output.deltas()) {
            assertThat(delta).isNotEmpty().doesNotContain("\uFFFD");
            assertThat(Character.isLowSurrogate(delta.charAt(0))).isFalse();
            assertThat(Character.isHighSurrogate(delta.charAt(delta.length() - 1)))
                    .isFalse();
        }
    }

    @Test
    void bracesInAMessageAreText() throws Exception {
        GenerationRequest request =
                TestEngine.greedy("Say {{ 7 * 7 }} {% if %} {# x", 8).build();
        assertThat(TestEngine.run(backend, request).usage().inputTokens()).isGreaterThan(35);
    }
}
