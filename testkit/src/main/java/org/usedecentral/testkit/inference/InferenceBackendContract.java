package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenStream;

/**
 * What every inference backend must do. A test class implements it and gives a started backend; it may be the same one for all
 * tests, since each leaves it idle. Tests of a feature that the model does not list are skipped by name; that it is refused is not.
 */
public interface InferenceBackendContract {
    /** A started backend with a model that generates. */
    InferenceBackend backend();

    /** The model that is asked. */
    ModelId model();

    /** A prompt whose answer goes on for at least 128 tokens, and without a limit for many more. */
    default String longPrompt() {
        return "Count from one to one thousand, in words.";
    }

    /** How long the engine may take for 64 tokens, or to notice that it was cancelled. */
    default Duration patience() {
        return Duration.ofSeconds(60);
    }

    private ModelCard card() {
        return backend().models().stream()
                .filter(card -> card.id().equals(model()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("models() does not list " + model()));
    }

    private boolean has(Feature feature) {
        return card().features().contains(feature);
    }

    /** Greedy, so that what can be repeated is. */
    private GenerationRequest request(int maxOutputTokens) {
        return GenerationRequest.builder(model(), List.of(Message.of(Message.Role.USER, longPrompt())))
                .sampling(Sampling.builder().temperature(0).seed(1).build())
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    private void refused(ErrorCode code, ThrowingCallable call) {
        DecentralException e = catchThrowableOfType(DecentralException.class, call);
        assertThat(e).as("refused with %s", code).isNotNull();
        assertThat(e.code()).as(e.message()).isEqualTo(code);
        assertThat(e.message()).isNotBlank();
    }

    private void awaitIdle() throws InterruptedException {
        InferenceBackend backend = backend();
        Waiting.until("every slot is free", patience(), () -> backend.load().running() == 0);
    }

    @Test
    default void saysWhatItIs() {
        InferenceBackend backend = backend();
        assertThat(backend.name()).isNotBlank();
        assertThat(backend.type()).isNotBlank();
        assertThat(backend.devices()).isNotEmpty();
        assertThat(card().features()).contains(Feature.GENERATE);
        BackendLoad load = backend.load();
        assertThat(load.slots()).isPositive();
        assertThat(load.running()).isBetween(0, load.slots());
        assertThat(load.waiting()).isNotNegative();
        assertThat(load.kvCacheUse()).isBetween(0.0, 1.0);
    }

    @Test
    default void aStreamEndsWithWhatItUsed() throws InterruptedException {
        TokenStream stream = backend().generate(request(32));
        GenerationEvent first = stream.next();
        int input = stream.inputTokens();
        assertThat(first).isNotInstanceOf(GenerationEvent.Finished.class);
        Collected rest = Collected.from(stream);
        assertThat(input).as("input tokens are known with the first event").isPositive();
        assertThat(rest.usage().inputTokens()).isEqualTo(input);
        assertThat(rest.usage().cachedInputTokens()).isBetween(0, input);
        assertThat(rest.usage().outputTokens()).isBetween(1, 32);
        assertThat(rest.end().reasons()).hasSize(1);
        awaitIdle();
    }

    @Test
    default void tokensAreCountedAsTheyCome() throws InterruptedException {
        Collected all = Collected.from(backend().generate(request(32)));
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
        try (TokenStream stream = backend().generate(request(4))) {
            while (!(stream.next() instanceof GenerationEvent.Finished)) {
                assertThat(stream.inputTokens()).isPositive();
            }
            assertThatIllegalStateException().isThrownBy(stream::next);
            assertThatIllegalStateException().isThrownBy(stream::poll);
        }
        awaitIdle();
    }

    @Test
    default void theEndFreesTheSlotBeforeTheStreamIsClosed() throws InterruptedException {
        try (TokenStream stream = backend().generate(request(2))) {
            while (!(stream.next() instanceof GenerationEvent.Finished)) {
                assertThat(backend().load().slots()).isPositive();
            }
            awaitIdle();
        }
    }

    @Test
    default void howItIsPulledDoesNotChangeTheOutput() throws InterruptedException {
        assumeTrue(has(Feature.DETERMINISTIC), "the model does not list DETERMINISTIC");
        Collected oneByOne = Collected.from(backend().generate(request(48)));
        Collected drained = Collected.drained(backend().generate(request(48)));
        assertThat(drained.output()).isEqualTo(oneByOne.output());
        assertThat(drained.usage().outputTokens()).isEqualTo(oneByOne.usage().outputTokens());
        assertThat(drained.end().reasons()).isEqualTo(oneByOne.end().reasons());
    }

    @Test
    default void generationsSideBySideDoNotMix() throws Exception {
        assumeTrue(has(Feature.DETERMINISTIC), "the model does not list DETERMINISTIC");
        awaitIdle();
        String alone = Collected.from(backend().generate(request(24))).text();
        awaitIdle();
        int slots = Math.min(4, backend().load().slots());
        List<Callable<String>> readers = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            TokenStream stream = backend().generate(request(24));
            readers.add(() -> Collected.drained(stream).text());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> text : threads.invokeAll(readers)) {
                assertThat(text.get()).isEqualTo(alone);
            }
        }
        awaitIdle();
    }

    @Test
    default void endsBeforeAStopText() throws InterruptedException {
        assumeTrue(has(Feature.DETERMINISTIC), "the model does not list DETERMINISTIC");
        String whole = Collected.from(backend().generate(request(48))).text();
        assertThat(whole).as("the long prompt's answer").hasSizeGreaterThan(20);
        int middle = whole.offsetByCodePoints(0, whole.codePointCount(0, whole.length()) / 2);
        // Long enough to span tokens, so that the engine must hold text back.
        String stop = whole.substring(middle, whole.offsetByCodePoints(middle, 6));
        Collected cut = Collected.from(backend()
                .generate(request(48).toBuilder()
                        .stop(List.of("\u0001never", stop))
                        .build()));
        assertThat(cut.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(cut.reason()).isEqualTo(FinishReason.STOP);
        awaitIdle();
    }

    @Test
    default void aStopTextThatNeverComesHoldsNothingBack() throws InterruptedException {
        assumeTrue(has(Feature.DETERMINISTIC), "the model does not list DETERMINISTIC");
        Collected plain = Collected.from(backend().generate(request(16)));
        String text = plain.text();
        // Begins with the output's last character: held back until the end, then shown.
        String nearly = text.substring(text.offsetByCodePoints(text.length(), -1)) + "\u0001never";
        Collected held = Collected.from(
                backend().generate(request(16).toBuilder().stop(List.of(nearly)).build()));
        assertThat(held.text()).isEqualTo(text);
        assertThat(held.usage().outputTokens()).isEqualTo(plain.usage().outputTokens());
        assertThat(held.reason()).isEqualTo(plain.reason());
    }

    @Test
    default void endsAtTheLimitOfTokens() throws InterruptedException {
        for (int limit : new int[] {1, 7}) {
            Collected cut = Collected.from(backend().generate(request(limit)));
            assertThat(cut.usage().outputTokens()).isEqualTo(limit);
            assertThat(cut.reason()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    default void closingFromAnotherThreadWakesTheReader() throws Exception {
        TokenStream stream = backend().generate(request(0));
        CountDownLatch started = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DecentralException> reader = threads.submit(() -> {
                try {
                    while (!(stream.next() instanceof GenerationEvent.Finished)) {
                        started.countDown();
                    }
                } catch (DecentralException e) {
                    return e;
                }
                throw new AssertionError("the answer ended before it could be cancelled: give a longer prompt");
            });
            assertThat(started.await(patience().toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
            stream.close();
            DecentralException why = reader.get(patience().toMillis(), TimeUnit.MILLISECONDS);
            assertThat(why.code()).as(why.message()).isEqualTo(ErrorCode.CANCELLED);
        }
        awaitIdle();
    }

    @Test
    default void anInterruptedReaderStopsWaiting() throws InterruptedException {
        try (TokenStream stream = backend().generate(request(0))) {
            Thread.currentThread().interrupt();
            boolean interrupted = false;
            try {
                while (!(stream.next() instanceof GenerationEvent.Finished)) {
                    // What had come already may be given first.
                    assertThat(Thread.currentThread().isInterrupted()).isTrue();
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
            assertThat(interrupted).as("next() throws InterruptedException").isTrue();
        } finally {
            boolean _ = Thread.interrupted();
        }
        awaitIdle();
    }

    @Test
    default void closingIsIdempotentAndFreesTheSlot() throws InterruptedException {
        TokenStream unread = backend().generate(request(0));
        unread.close();
        unread.close();
        refused(ErrorCode.CANCELLED, unread::next);
        refused(ErrorCode.CANCELLED, unread::poll);
        awaitIdle();

        TokenStream ended = backend().generate(request(1));
        while (!(ended.next() instanceof GenerationEvent.Finished)) {
            assertThat(ended.inputTokens()).isPositive();
        }
        ended.close();
        ended.close();
        awaitIdle();
    }

    @Test
    default void refusesWhatHasNoSlotInsteadOfQueueing() throws InterruptedException {
        awaitIdle();
        List<TokenStream> streams = new ArrayList<>();
        try {
            int slots = backend().load().slots();
            for (int i = 0; i < slots; i++) {
                streams.add(backend().generate(request(0)));
                assertThat(streams.getLast().next()).isNotInstanceOf(GenerationEvent.Finished.class);
            }
            assertThat(backend().load().running()).isEqualTo(slots);
            refused(ErrorCode.OVERLOADED, () -> backend().generate(request(1)));

            streams.getFirst().close();
            InferenceBackend backend = backend();
            Waiting.until("a slot is free", patience(), () -> backend.load().running() < slots);
            Collected next = Collected.from(backend.generate(request(1)));
            assertThat(next.usage().outputTokens()).isEqualTo(1);
        } finally {
            streams.forEach(TokenStream::close);
        }
        awaitIdle();
    }

    @Test
    default void refusesAModelItDoesNotHave() {
        GenerationRequest unknown = GenerationRequest.builder(
                        new ModelId("no-such-model"), request(1).messages())
                .build();
        refused(ErrorCode.MODEL_NOT_FOUND, () -> backend().generate(unknown));
    }

    @Test
    default void refusesAPromptLongerThanTheContext() throws InterruptedException {
        String prompt = "word ".repeat(card().limits().contextTokens() + 1);
        GenerationRequest request = GenerationRequest.builder(model(), List.of(Message.of(Message.Role.USER, prompt)))
                .maxOutputTokens(1)
                .build();
        refused(ErrorCode.CONTEXT_TOO_LONG, () -> backend().generate(request));
        awaitIdle();
    }

    @Test
    default void refusesEveryFeatureThatIsNotListed() throws InterruptedException {
        Set<Feature> listed = card().features();
        FeatureProbe.ASKING.forEach((feature, asking) -> {
            if (!listed.contains(feature)) {
                refused(ErrorCode.UNSUPPORTED_FEATURE, () -> backend().generate(asking.apply(request(1))));
            }
        });
        if (!listed.contains(Feature.EMBED)) {
            refused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    () -> backend().embed(EmbeddingRequest.of(model(), List.of("a text"))));
        }
        awaitIdle();
    }

    @Test
    default void doesNotRefuseAFeatureThatIsListed() throws InterruptedException {
        for (Feature feature : card().features()) {
            var asking = FeatureProbe.ASKING.get(feature);
            if (asking != null) {
                Collected answer = Collected.from(backend().generate(asking.apply(request(16))));
                assertThat(answer.end().reasons())
                        .as("asked for %s", feature)
                        .hasSize(feature == Feature.MULTIPLE_CHOICES ? 2 : 1);
            }
        }
        awaitIdle();
    }

    @Test
    default void givesLogProbabilitiesOneATokenWhenAsked() throws InterruptedException {
        assumeTrue(has(Feature.LOGPROBS), "the model does not list LOGPROBS");
        GenerationRequest request =
                request(8).toBuilder().topLogprobs(OptionalInt.of(2)).build();
        Collected answer = Collected.from(backend().generate(request));
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.TextDelta delta) {
                assertThat(delta.info()).hasSize(delta.tokens());
                assertThat(delta.info()).allSatisfy(info -> {
                    assertThat(info.logProbability()).isLessThanOrEqualTo(0);
                    assertThat(info.alternatives()).hasSizeLessThanOrEqualTo(2);
                });
            }
        }
    }

    @Test
    default void resumesWhereItWasCut() throws InterruptedException {
        assumeTrue(
                has(Feature.RESUME) && has(Feature.DETERMINISTIC), "the model does not list RESUME and DETERMINISTIC");
        String first = Collected.from(backend().generate(request(8))).text();
        GenerationRequest rest = request(8).toBuilder().resumeFrom(first).build();
        Collected resumed = Collected.from(backend().generate(rest));
        assertThat(resumed.text()).isNotEmpty().doesNotStartWith(first);
        assertThat(resumed.usage().outputTokens()).as("only its own tokens").isLessThanOrEqualTo(8);
    }

    @Test
    default void embedsEachInput() throws InterruptedException {
        assumeTrue(has(Feature.EMBED), "the model does not list EMBED");
        Embeddings embeddings = backend().embed(EmbeddingRequest.of(model(), List.of("a", "b c", "a")));
        assertThat(embeddings.vectors()).hasSize(3);
        assertThat(embeddings.usage().inputTokens()).isPositive();
        assertThat(embeddings.usage().outputTokens()).isZero();
        assertThat(embeddings.vectors())
                .allSatisfy(v -> assertThat(v.dimensions())
                        .isEqualTo(embeddings.vectors().getFirst().dimensions()));
        assertThat(embeddings.vectors().get(2).toArray())
                .isEqualTo(embeddings.vectors().get(0).toArray());
        refused(
                ErrorCode.MODEL_NOT_FOUND,
                () -> backend().embed(EmbeddingRequest.of(new ModelId("no-such-model"), List.of("a"))));
    }

    @Test
    default void samplesDifferentlyWithAnotherSeed() throws InterruptedException {
        assumeFalse(sameForEverySeed(), "this backend does not sample");
        GenerationRequest warm = request(32).toBuilder()
                .sampling(Sampling.builder().temperature(1.5).seed(1).build())
                .build();
        GenerationRequest other = warm.toBuilder()
                .sampling(Sampling.builder().temperature(1.5).seed(2).build())
                .build();
        assertThat(Collected.from(backend().generate(other)).text())
                .isNotEqualTo(Collected.from(backend().generate(warm)).text());
    }

    /** True for backends whose answers do not depend on sampling, such as scripted ones. */
    default boolean sameForEverySeed() {
        return false;
    }
}
