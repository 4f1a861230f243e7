package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;

/** Who gets in, who is refused, who waits for whom: on the real engine with two slots. */
@Timeout(600)
final class AdmissionTest {
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "2", "batch", "32");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @AfterEach
    void everySlotIsFreeAgain() {
        assertThat(backend.load().running()).isZero();
    }

    private static GenerationRequest story(int tokens) {
        return TestEngine.greedy("Tell me a very long story about a dragon.", tokens)
                .build();
    }

    @Test
    void beyondItsSlotsItIsOverloadedAtOnce() throws Exception {
        try (TokenStream first = backend.generate(story(0));
                TokenStream second = backend.generate(story(0))) {
            assertThat(backend.load().running()).isEqualTo(2);
            assertRefused(story(5), ErrorCode.OVERLOADED);
            assertThat(first.next()).isInstanceOf(GenerationEvent.TextDelta.class);
            assertThat(second.next()).isInstanceOf(GenerationEvent.TextDelta.class);
        }
    }

    @Test
    void cancellingFreesTheSlotAtOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            TokenStream first = backend.generate(story(0));
            TokenStream second = backend.generate(story(0));
            if (round % 2 == 0) {
                first.next();
            }
            first.close();
            second.close();
            // No waiting in between.
            try (TokenStream next = backend.generate(story(3))) {
                assertThat(TestEngine.drain(next).usage().outputTokens()).isEqualTo(3);
            }
        }
        awaitEmptyCache();
    }

    @Test
    void aCancelledSequenceLeavesNothingToTheNext() throws Exception {
        String expected = TestEngine.run(backend, story(12)).text();
        for (int round = 0; round < 10; round++) {
            TokenStream cancelled = backend.generate(
                    TestEngine.greedy("word ".repeat(20 * round + 1), 0).build());
            if (round % 3 == 0) {
                cancelled.next();
            }
            cancelled.close();
            assertThat(TestEngine.run(backend, story(12)).text()).isEqualTo(expected);
        }
    }

    private static void awaitEmptyCache() throws InterruptedException {
        for (int i = 0; i < 500 && backend.load().kvCacheUse() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(backend.load().kvCacheUse()).isZero();
    }

    @Test
    void closingWakesAWaitingReader() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            TokenStream stream = backend.generate(story(0));
            Future<?> reader = threads.submit(() -> TestEngine.drain(stream));
            TimeUnit.MILLISECONDS.sleep(50);
            stream.close();
            stream.close();
            assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        }
    }

    @Test
    void interruptingAReaderLeavesTheStreamUsable() throws Exception {
        try (TokenStream stream = backend.generate(story(30))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(stream::next).isInstanceOf(InterruptedException.class);
            assertThat(TestEngine.drain(stream).usage().outputTokens()).isEqualTo(30);
        }
    }

    @Test
    void aReaderWhoDoesNotReadPausesItsOwnSequenceAndNoOther() throws Exception {
        try (TokenStream idle = backend.generate(story(0))) {
            for (int i = 0; i < 5; i++) {
                assertThat(TestEngine.run(backend, story(100)).usage().outputTokens())
                        .isEqualTo(100);
            }
            // 500 tokens were made beside it; it stopped when its own queue was full.
            TimeUnit.MILLISECONDS.sleep(200);
            double paused = backend.load().kvCacheUse();
            TimeUnit.MILLISECONDS.sleep(200);
            assertThat(backend.load().kvCacheUse()).isEqualTo(paused);
            int tokens = (int) Math.round(paused * 2 * 1024) - idle.inputTokens();
            assertThat(tokens).isBetween(LlamaStream.CAPACITY - 1, LlamaStream.CAPACITY + 8);
            for (int i = 0; i < LlamaStream.CAPACITY * 3; i++) {
                assertThat(idle.next()).isInstanceOf(GenerationEvent.TextDelta.class);
            }
        }
    }

    @Test
    void aPausedReaderLosesNothing() throws Exception {
        String expected = TestEngine.run(backend, story(150)).text();
        try (TokenStream slow = backend.generate(story(150))) {
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(TestEngine.drain(slow).text()).isEqualTo(expected);
        }
    }

    @Test
    void aLongPromptDoesNotStarveOthers() throws Exception {
        try (TokenStream talking = backend.generate(story(0))) {
            talking.next();
            String longText = "many words in a row ".repeat(180);
            try (TokenStream long1 =
                    backend.generate(TestEngine.greedy(longText, 1).build())) {
                int between = 0;
                while (long1.poll() == null) {
                    if (talking.poll() != null) {
                        between++;
                    }
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                // 900 tokens are 28 chunks of 32, and the other sequence went on after each.
                assertThat(between).isGreaterThan(15);
            }
        }
    }

    @Test
    void endsAreFinal() throws Exception {
        try (TokenStream stream = backend.generate(story(2))) {
            assertThat(stream.inputTokens()).isEqualTo(40);
            TestEngine.drain(stream);
            assertThatThrownBy(stream::next).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(stream::poll).isInstanceOf(IllegalStateException.class);
        }
        TokenStream closed = backend.generate(story(2));
        closed.close();
        assertThatThrownBy(closed::next)
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void refusesWhatDoesNotFitTheContext() {
        assertRefused(TestEngine.greedy("word ".repeat(1100), 1).build(), ErrorCode.CONTEXT_TOO_LONG);
        assertRefused(TestEngine.greedy("word ".repeat(20_000_000 / 5), 1).build(), ErrorCode.CONTEXT_TOO_LONG);
        assertRefused(story(1025), ErrorCode.INVALID_REQUEST);
        assertRefused(story(Integer.MAX_VALUE), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aPromptThatJustFitsIsAnswered() throws Exception {
        int overhead = TestEngine.run(backend, TestEngine.greedy("word", 1).build())
                .usage()
                .inputTokens();
        GenerationRequest full =
                TestEngine.greedy("word" + " word".repeat(1023 - overhead), 5).build();
        TestEngine.Output output = TestEngine.run(backend, full);
        assertThat(output.usage().inputTokens()).isEqualTo(1023);
        assertThat(output.usage().outputTokens()).isLessThanOrEqualTo(1);
        assertRefused(
                TestEngine.greedy("word" + " word".repeat(1024 - overhead), 5).build(), ErrorCode.CONTEXT_TOO_LONG);
    }

    @Test
    void countsPromptsOfAnyLength() throws Exception {
        GenerationRequest fits = story(5);
        try (TokenStream stream = backend.generate(fits)) {
            assertThat(backend.countInputTokens(fits)).isEqualTo(stream.inputTokens());
        }
        assertThat(backend.countInputTokens(
                        TestEngine.greedy("word ".repeat(1100), 1).build()))
                .isBetween(1100, 1200);
        assertThatThrownBy(
                        () -> backend.countInputTokens(TestEngine.greedy("", 1).build()))
                .isInstanceOf(DecentralException.class);
    }

    @Test
    void refusesAnEmptyPrompt() {
        assertRefused(TestEngine.greedy("", 1).build(), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void refusesOtherModels() {
        assertRefused(
                GenerationRequest.builder(new ModelId("other"), story(1).messages())
                        .build(),
                ErrorCode.MODEL_NOT_FOUND);
    }

    @Test
    void refusesWhatItDoesNotDeclare() {
        Message.ContentPart picture = new Message.ContentPart.Image("image/png", Bytes.of(new byte[1]));
        Message message = new Message(Message.Role.USER, List.of(picture), null, List.of(), null);
        assertRefused(
                GenerationRequest.builder(TestEngine.MODEL, List.of(message)).build(), ErrorCode.UNSUPPORTED_FEATURE);
        assertThatThrownBy(() -> backend.embed(EmbeddingRequest.of(TestEngine.MODEL, List.of("x"))))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE));
    }

    private static void assertRefused(GenerationRequest request, ErrorCode code) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> backend.generate(request))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void statesItsModelDevicesAndLoad() {
        ModelCard card = backend.models().getFirst();
        assertThat(card.id()).isEqualTo(TestEngine.MODEL);
        assertThat(card.quantisation()).isEqualTo("Q4_1");
        assertThat(card.limits().contextTokens()).isEqualTo(1024);
        assertThat(card.limits().templateOverheadTokens()).isEqualTo(22);
        assertThat(card.features())
                .contains(
                        Feature.GENERATE, Feature.CONTINUOUS_BATCHING, Feature.DETERMINISTIC, Feature.MULTIPLE_CHOICES);
        assertThat(backend.devices()).isNotEmpty();
        assertThat(backend.devices().getFirst().memoryBytes()).isPositive();
        assertThat(backend.load().slots()).isEqualTo(2);
    }

    @Test
    void manyReadersComeAndGo() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int n = i;
                all.add(threads.submit(() -> comeAndGo(n)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    private static Void comeAndGo(int n) throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            try (TokenStream stream = backend.generate(story(2 + n % 7))) {
                if ((n + i) % 3 == 0) {
                    stream.next();
                } else {
                    TestEngine.drain(stream);
                }
            } catch (DecentralException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED);
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
        return null;
    }
}
