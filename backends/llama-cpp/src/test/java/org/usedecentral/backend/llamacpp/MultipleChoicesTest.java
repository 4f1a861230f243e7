package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenStream;

/** Several answers to one prompt, which is computed once, on the real engine with four slots. */
@Timeout(600)
final class MultipleChoicesTest {
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "4", "batch", "32");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @AfterEach
    void everySlotIsFreeAgain() {
        assertThat(backend.load().running()).isZero();
    }

    private static GenerationRequest.Builder cats(int tokens) {
        Sampling sampling =
                Sampling.builder().temperature(0.9).topP(0.95).seed(17).build();
        return TestEngine.greedy("Invent a name for a cat and say why it suits. ".repeat(4), tokens)
                .sampling(sampling);
    }

    /** The texts and reasons of all choices. */
    private record Answers(List<String> texts, GenerationEvent.Finished end) {}

    private static Answers answers(GenerationRequest request) throws InterruptedException {
        try (TokenStream stream = backend.generate(request)) {
            List<StringBuilder> texts = new ArrayList<>();
            for (int i = 0; i < request.choices(); i++) {
                texts.add(new StringBuilder());
            }
            while (true) {
                switch (stream.next()) {
                    case GenerationEvent.TextDelta delta ->
                        texts.get(delta.choice()).append(delta.text());
                    case GenerationEvent.Finished end -> {
                        return new Answers(
                                texts.stream().map(StringBuilder::toString).toList(), end);
                    }
                    case GenerationEvent.ToolCallDelta call -> throw new AssertionError("nobody asked for " + call);
                }
            }
        }
    }

    @Test
    void greedyChoicesAreWhatSeparateRequestsGet() throws Exception {
        GenerationRequest one = TestEngine.greedy("Tell me a long story about a fox. ".repeat(9), 40)
                .build();
        String alone = TestEngine.run(backend, one).text();
        Answers answers = answers(one.toBuilder().choices(4).build());
        assertThat(answers.texts()).containsExactly(alone, alone, alone, alone);
    }

    @Test
    void theFirstChoiceIsTheSeedsOwnAndTheOthersDiffer() throws Exception {
        String alone = TestEngine.run(backend, cats(24).build()).text();
        Answers answers = answers(cats(24).choices(4).build());
        assertThat(answers.texts().getFirst()).isEqualTo(alone);
        assertThat(answers.texts()).doesNotHaveDuplicates();
        assertThat(answers(cats(24).choices(4).build()).texts()).isEqualTo(answers.texts());
        assertThat(answers(cats(24).choices(2).build()).texts())
                .isEqualTo(answers.texts().subList(0, 2));
    }

    @Test
    void usageCountsThePromptOnceAndTheOutputOfAll() throws Exception {
        int input = TestEngine.run(backend, cats(1).build()).usage().inputTokens();
        Answers answers = answers(cats(5).choices(3).build());
        assertThat(answers.end().reasons())
                .containsExactly(FinishReason.LENGTH, FinishReason.LENGTH, FinishReason.LENGTH);
        assertThat(answers.end().usage().inputTokens()).isEqualTo(input);
        assertThat(answers.end().usage().outputTokens()).isEqualTo(15);
    }

    @Test
    void eachChoiceStopsByItself() throws Exception {
        List<String> whole = answers(cats(30).choices(3).build()).texts();
        String stop = whole.get(1).substring(12, 24);
        Answers answers = answers(cats(30).choices(3).stop(List.of(stop)).build());
        for (int i = 0; i < 3; i++) {
            int at = whole.get(i).indexOf(stop);
            assertThat(answers.texts().get(i))
                    .isEqualTo(at < 0 ? whole.get(i) : whole.get(i).substring(0, at));
            if (at >= 0) {
                assertThat(answers.end().reasons().get(i)).isEqualTo(FinishReason.STOP);
            }
        }
        assertThat(answers.end().reasons().get(1)).isEqualTo(FinishReason.STOP);
    }

    @Test
    void aChoiceThatEndsFreesItsSlotAtOnce() throws Exception {
        List<String> whole = answers(cats(60).choices(2).build()).texts();
        // Only the second choice says it, and early.
        String stop = whole.get(1).substring(0, 10);
        assertThat(whole.get(0)).doesNotContain(stop);
        try (TokenStream two =
                backend.generate(cats(60).choices(2).stop(List.of(stop)).build())) {
            for (int i = 0; i < 8; i++) {
                two.next();
            }
            try (TokenStream three = backend.generate(cats(3).choices(3).build())) {
                assertThat(TestEngine.drain(three).usage().outputTokens()).isEqualTo(9);
            }
            TestEngine.drain(two);
        }
    }

    @Test
    void takesAllItsSlotsOrNone() throws Exception {
        try (TokenStream two = backend.generate(cats(0).choices(2).build())) {
            assertRefused(cats(1).choices(3).build(), ErrorCode.OVERLOADED, "fewer than 3 of 4 slots are free");
            assertThat(backend.load().running()).isEqualTo(2);
            try (TokenStream rest = backend.generate(cats(2).choices(2).build())) {
                assertThat(backend.load().running()).isEqualTo(4);
                assertThat(TestEngine.drain(rest).usage().outputTokens()).isEqualTo(4);
            }
            assertThat(two.next()).isInstanceOf(GenerationEvent.TextDelta.class);
        }
    }

    @Test
    void refusesMoreChoicesThanSlots() {
        assertRefused(
                cats(1).choices(5).build(), ErrorCode.INVALID_REQUEST, "n is 5; this backend makes at most 4 choices");
    }

    @Test
    void cancellingAtAnyTimeLeavesNothingBehind() throws Exception {
        List<String> expected = answers(cats(10).choices(3).build()).texts();
        for (int round = 0; round < 12; round++) {
            TokenStream cancelled =
                    backend.generate(cats(0).choices(1 + round % 4).build());
            for (int i = 0; i < round / 2; i++) {
                cancelled.next();
            }
            cancelled.close();
            assertThat(answers(cats(10).choices(3).build()).texts()).isEqualTo(expected);
        }
    }

    private static void assertRefused(GenerationRequest request, ErrorCode code, String message) {
        assertThatThrownBy(() -> backend.generate(request))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
