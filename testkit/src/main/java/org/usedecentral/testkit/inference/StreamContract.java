package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;

/** What a stream of events looks like, whatever is asked for. */
interface StreamContract extends BackendFixture {
    @Test
    default void aStreamEndsWithWhatItUsed() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        TokenStream stream = asked.backend().generate(asked.request(32));
        GenerationEvent first = stream.next();
        int input = stream.inputTokens();
        assertThat(first).isNotInstanceOf(GenerationEvent.Finished.class);
        Collected rest = Collected.from(stream);
        assertThat(input).as("input tokens are known with the first event").isPositive();
        assertThat(rest.usage().inputTokens()).isEqualTo(input);
        assertThat(rest.usage().cachedInputTokens()).isBetween(0, input);
        assertThat(rest.usage().outputTokens()).isBetween(1, 32);
        assertThat(rest.end().reasons()).hasSize(1);
        asked.awaitIdle();
    }

    @Test
    default void tokensAreCountedAsTheyCome() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        Collected all = Collected.from(asked.backend().generate(asked.request(32)));
        assertThat(all.text()).isNotEmpty();
        assertThat(all.countedTokens())
                .isPositive()
                .isLessThanOrEqualTo(all.usage().outputTokens());
        assertThat(all.events()).allSatisfy(event -> {
            if (event instanceof GenerationEvent.TextDelta delta) {
                assertThat(delta.tokens()).isNotNegative();
                assertThat(delta.info())
                        .as("no log probabilities were asked for")
                        .isEmpty();
                assertThat(wellFormed(delta.text()))
                        .as("whole characters: %s", delta.text())
                        .isTrue();
            }
        });
    }

    private static boolean wellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    @Test
    default void thereIsNothingAfterTheEnd() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        try (TokenStream stream = asked.backend().generate(asked.request(4))) {
            while (!(stream.next() instanceof GenerationEvent.Finished)) {
                assertThat(stream.inputTokens()).isPositive();
            }
            assertThatIllegalStateException().isThrownBy(stream::next);
            assertThatIllegalStateException().isThrownBy(stream::poll);
        }
        asked.awaitIdle();
    }

    @Test
    default void theEndFreesTheSlotBeforeTheStreamIsClosed() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        try (TokenStream stream = asked.backend().generate(asked.request(2))) {
            while (!(stream.next() instanceof GenerationEvent.Finished)) {
                assertThat(asked.backend().load().slots()).isPositive();
            }
            asked.awaitIdle();
        }
    }

    @Test
    default void howItIsPulledDoesNotChangeTheOutput() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.DETERMINISTIC);
        Collected oneByOne = Collected.from(asked.backend().generate(asked.request(48)));
        Collected drained = Collected.drained(asked.backend().generate(asked.request(48)));
        assertThat(drained.output()).isEqualTo(oneByOne.output());
        assertThat(drained.usage().outputTokens()).isEqualTo(oneByOne.usage().outputTokens());
        assertThat(drained.end().reasons()).isEqualTo(oneByOne.end().reasons());
    }

    @Test
    default void generationsSideBySideDoNotMix() throws Exception {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.DETERMINISTIC);
        asked.awaitIdle();
        String alone =
                Collected.from(asked.backend().generate(asked.request(24))).text();
        asked.awaitIdle();
        int slots = Math.min(4, asked.backend().load().slots());
        List<Callable<String>> readers = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            TokenStream stream = asked.backend().generate(asked.request(24));
            readers.add(() -> Collected.drained(stream).text());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> text : threads.invokeAll(readers)) {
                assertThat(text.get()).isEqualTo(alone);
            }
        }
        asked.awaitIdle();
    }

    @Test
    default void endsBeforeAStopText() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.DETERMINISTIC);
        String whole =
                Collected.from(asked.backend().generate(asked.request(48))).text();
        assertThat(whole).as("the long prompt's answer").hasSizeGreaterThan(20);
        int middle = whole.offsetByCodePoints(0, whole.codePointCount(0, whole.length()) / 2);
        // Long enough to span tokens, so that the engine must hold text back.
        String stop = whole.substring(middle, whole.offsetByCodePoints(middle, 6));
        Collected cut = Collected.from(asked.backend()
                .generate(asked.request(48).toBuilder()
                        .stop(List.of("\u0001never", stop))
                        .build()));
        assertThat(cut.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(cut.reason()).isEqualTo(FinishReason.STOP);
        asked.awaitIdle();
    }

    @Test
    default void aStopTextThatNeverComesHoldsNothingBack() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.DETERMINISTIC);
        Collected plain = Collected.from(asked.backend().generate(asked.request(16)));
        String text = plain.text();
        // Begins with the output's last character: held back until the end, then shown.
        String nearly = text.substring(text.offsetByCodePoints(text.length(), -1)) + "\u0001never";
        Collected held = Collected.from(asked.backend()
                .generate(asked.request(16).toBuilder().stop(List.of(nearly)).build()));
        assertThat(held.text()).isEqualTo(text);
        assertThat(held.usage().outputTokens()).isEqualTo(plain.usage().outputTokens());
        assertThat(held.reason()).isEqualTo(plain.reason());
    }

    @Test
    default void endsAtTheLimitOfTokens() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        for (int limit : new int[] {1, 7}) {
            Collected cut = Collected.from(asked.backend().generate(asked.request(limit)));
            assertThat(cut.usage().outputTokens()).isEqualTo(limit);
            assertThat(cut.reason()).isEqualTo(FinishReason.LENGTH);
        }
    }
}
