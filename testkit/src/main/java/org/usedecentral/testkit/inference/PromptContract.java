package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** Prompts: counted, cached, thought about, and run beside one another. */
interface PromptContract extends BackendFixture {
    @Test
    default void countsAPromptAsItsUsageDoes() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        if (!countsInputTokens()) {
            Asked.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> asked.backend().countInputTokens(asked.request(1)));
            assumeTrue(countsInputTokens(), "this backend does not count prompts");
        }
        List<GenerationRequest> requests = new ArrayList<>();
        requests.add(asked.request(2));
        requests.add(asked.request("Zürich, 世界, 🦆: say these again.", 2));
        requests.add(GenerationRequest.builder(
                        model(),
                        List.of(
                                Message.of(Message.Role.SYSTEM, "You are brief."),
                                Message.of(Message.Role.USER, "Good day."),
                                Message.of(Message.Role.ASSISTANT, "Good day to you."),
                                Message.of(Message.Role.USER, "How are you?")))
                .maxOutputTokens(2)
                .build());
        if (asked.has(Feature.RESUME)) {
            requests.add(asked.request(2).toBuilder().resumeFrom("One, two,").build());
        }
        if (asked.has(Feature.TOOLS)) {
            List<Tool> tools = List.of(ToolContract.WEATHER);
            requests.add(
                    asked.request(2).toBuilder().tools(tools, ToolChoice.AUTO).build());
        }
        for (GenerationRequest request : requests) {
            int counted = asked.backend().countInputTokens(request);
            assertThat(counted).isEqualTo(asked.answer(request).usage().inputTokens());
        }
        asked.awaitIdle();
    }

    @Test
    default void reportsWhatItHasCachedIfListedAndOnlyThen() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        StringBuilder prompt = new StringBuilder("Sum these up in a word:");
        for (int i = 0; i < 120; i++) {
            prompt.append(' ').append(i * 7);
        }
        GenerationRequest request = asked.request(prompt.toString(), 2);
        Collected first = asked.answer(request);
        asked.awaitIdle();
        Collected second = asked.answer(request);
        assertThat(second.usage().inputTokens()).isEqualTo(first.usage().inputTokens());
        assertThat(second.usage().cachedInputTokens())
                .isLessThanOrEqualTo(second.usage().inputTokens());
        if (asked.has(Feature.PREFIX_CACHING)) {
            assertThat(second.usage().cachedInputTokens())
                    .as("cached of %s", second.usage())
                    .isPositive();
        } else {
            assertThat(second.usage().cachedInputTokens())
                    .as("the model does not list PREFIX_CACHING")
                    .isZero();
        }
        if (asked.has(Feature.DETERMINISTIC)) {
            assertThat(second.output()).as("a cached prompt is answered alike").isEqualTo(first.output());
        }
    }

    @Test
    default void reasonsIfListedAndOnlyThen() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        Collected answer = asked.answer(asked.request(64));
        int reasoning = 0;
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.TextDelta delta && delta.kind() == PartKind.REASONING) {
                reasoning += delta.tokens();
            }
        }
        assertThat(answer.usage().reasoningTokens())
                .isBetween(reasoning, answer.usage().outputTokens());
        if (asked.has(Feature.REASONING)) {
            assertThat(answer.text(0, PartKind.REASONING)).isNotEmpty();
            assertThat(answer.usage().reasoningTokens()).isPositive();
        } else {
            assertThat(answer.text(0, PartKind.REASONING)).isEmpty();
            assertThat(answer.usage().reasoningTokens()).isZero();
        }
    }

    @Test
    default void answersSideBySideWhereThatIsListed() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.CONTINUOUS_BATCHING);
        asked.awaitIdle();
        assertThat(asked.backend().load().slots()).as("slots").isGreaterThan(1);
        try (TokenStream running = asked.backend().generate(asked.request(0))) {
            assertThat(running.next()).isNotInstanceOf(GenerationEvent.Finished.class);
            Collected beside = asked.answer(asked.request(4));
            assertThat(beside.usage().outputTokens()).isBetween(1, 4);
            Waiting.until(
                    "the first one still runs, alone",
                    patience(),
                    () -> asked.backend().load().running() == 1);
            assertThat(running.next()).isNotInstanceOf(GenerationEvent.Finished.class);
        }
        asked.awaitIdle();
    }
}
