package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.models.ModelArtifact;

/** Several models within a memory limit: the real weights under several names. */
@Timeout(600)
final class ShelfTest {
    private static final ModelId A = new ModelId("a");
    private static final ModelId B = new ModelId("b");
    private static final ModelId C = new ModelId("c");
    /** With two slots of 256 tokens each of them needs about 112 MiB. */
    private static final String ONE = "150MiB";

    private static final String TWO = "260MiB";

    private static LlamaCppBackend start(String limit, ModelId... models) throws InterruptedException {
        LlamaCppBackend backend = TestEngine.startEmpty(
                "slots", "2", "context", "256", "threads", "1", "batch", "64", "memory-limit", limit);
        for (ModelId model : models) {
            add(backend, model);
        }
        return backend;
    }

    private static void add(LlamaCppBackend backend, ModelId model) throws InterruptedException {
        backend.load(
                new ModelArtifact(model.value(), Bytes.zeros(32), 98_362_432, "Q4_1", "Apache-2.0"),
                TestEngine.model());
    }

    private static GenerationRequest hello(ModelId model, int tokens) {
        return TestEngine.greedy(model, "Tell me a long story.", tokens).build();
    }

    private static boolean inMemory(LlamaCppBackend backend, ModelId model) {
        return backend.resident(model).isPresent();
    }

    private static void assertRefused(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells a process its memory in a file")
    void modelsTakeTurnsWhereOneFitsAndMemoryComesBack() throws Exception {
        Path status = Path.of("/proc/self/status");
        try (LlamaCppBackend backend = start(ONE, A, B)) {
            assertThat(backend.models()).extracting(ModelCard::id).containsExactly(A, B);
            assertThat(inMemory(backend, A)).isFalse();
            assertThat(inMemory(backend, B)).isTrue();
            String expected = TestEngine.run(backend, hello(B, 4)).text();
            long after3 = 0;
            for (int swap = 0; swap < 10; swap++) {
                ModelId model = swap % 2 == 0 ? A : B;
                assertThat(TestEngine.run(backend, hello(model, 4)).text()).isEqualTo(expected);
                assertThat(inMemory(backend, model)).isTrue();
                assertThat(inMemory(backend, swap % 2 == 0 ? B : A)).isFalse();
                if (swap == 2) {
                    after3 = OpenCloseTest.residentKiB(status);
                }
            }
            assertThat(OpenCloseTest.residentKiB(status) - after3).isLessThan(64 * 1024);
            assertThat(backend.load().running()).isZero();
        }
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() throws Exception {
        try (LlamaCppBackend backend = start(TWO, A, B)) {
            TestEngine.run(backend, hello(A, 2));
            add(backend, C);
            assertThat(inMemory(backend, A)).isTrue();
            assertThat(inMemory(backend, B)).isFalse();
            TestEngine.run(backend, hello(B, 2));
            assertThat(inMemory(backend, A)).isFalse();
            assertThat(inMemory(backend, C)).isTrue();
            assertThat(backend.models()).extracting(ModelCard::id).containsExactly(A, B, C);
        }
    }

    @Test
    void aBusyModelIsNotUnloaded() throws Exception {
        try (LlamaCppBackend backend = start(ONE, A, B)) {
            try (TokenStream busy = backend.generate(hello(B, 60))) {
                busy.next();
                for (int i = 0; i < 3; i++) {
                    assertRefused(
                            ErrorCode.OVERLOADED,
                            "models that are there are all busy",
                            () -> backend.generate(hello(A, 1)));
                }
                assertRefused(ErrorCode.OVERLOADED, "all busy", () -> add(backend, C));
                assertThat(TestEngine.drain(busy).reason()).isIn(FinishReason.LENGTH, FinishReason.STOP);
            }
            assertThat(TestEngine.run(backend, hello(A, 2)).usage().outputTokens())
                    .isEqualTo(2);
            assertThat(backend.models()).extracting(ModelCard::id).containsExactly(A, B);
        }
    }

    @Test
    void requestsWaitForALoadInTheirStreamAndOthersGoOn() throws Exception {
        try (LlamaCppBackend backend = start(TWO, A, B, C);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(inMemory(backend, A)).isFalse();
            try (TokenStream running = backend.generate(hello(C, 0))) {
                running.next();
                TokenStream first = backend.generate(hello(A, 3));
                TokenStream second = backend.generate(hello(A, 3));
                assertRefused(
                        ErrorCode.OVERLOADED,
                        "2 requests wait for model a already",
                        () -> backend.generate(hello(A, 3)));
                assertThat(first.inputTokens()).isZero();
                for (int i = 0; i < 5; i++) {
                    assertThat(running.next()).isInstanceOf(GenerationEvent.TextDelta.class);
                }
                Future<TestEngine.Output> other = threads.submit(() -> TestEngine.drain(second));
                assertThat(TestEngine.drain(first).usage().outputTokens()).isEqualTo(3);
                assertThat(other.get().usage().outputTokens()).isEqualTo(3);
                assertThat(first.inputTokens()).isPositive();
                first.close();
                second.close();
            }
            assertThat(backend.load().running()).isZero();
        }
    }

    @Test
    void aWaitingStreamCanBePolledAndClosed() throws Exception {
        try (LlamaCppBackend backend = start(ONE, A, B);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            TokenStream closed = backend.generate(hello(A, 2));
            Future<?> reader = threads.submit(closed::next);
            closed.close();
            closed.close();
            assertThatThrownBy(() -> reader.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
            assertRefused(ErrorCode.CANCELLED, "cancelled", closed::poll);
            try (TokenStream polled = backend.generate(hello(A, 2))) {
                GenerationEvent event = polled.poll();
                while (event == null) {
                    TimeUnit.MILLISECONDS.sleep(5);
                    event = polled.poll();
                }
                assertThat(event).isInstanceOf(GenerationEvent.TextDelta.class);
            }
            // Nobody holds it any more.
            assertThat(TestEngine.run(backend, hello(B, 1)).usage().outputTokens())
                    .isEqualTo(1);
        }
    }

    @Test
    void whatAnAdmissionSaysIsHeardInTheStreamToo() throws Exception {
        try (LlamaCppBackend backend = start(ONE, A, B)) {
            GenerationRequest tooLong =
                    TestEngine.greedy(A, "word ".repeat(400), 1).build();
            try (TokenStream stream = backend.generate(tooLong)) {
                assertRefused(ErrorCode.CONTEXT_TOO_LONG, "tokens", stream::next);
            }
            // What needs no model in memory is refused at once.
            assertRefused(ErrorCode.INVALID_REQUEST, "max_tokens", () -> backend.generate(hello(B, 300)));
            assertThat(backend.countInputTokens(hello(B, 1))).isPositive();
        }
    }

    @Test
    void refusesAModelThatAloneIsTooLargeAndANameTwice() throws Exception {
        try (LlamaCppBackend backend = start(ONE, A)) {
            assertRefused(ErrorCode.CONFLICT, "model a is already here", () -> add(backend, A));
        }
        assertRefused(ErrorCode.INVALID_REQUEST, "the memory limit is 50 MiB", () -> start("50MiB", A));
    }

    @Test
    void closingWhileAModelLoadsEndsItsStreams() throws Exception {
        LlamaCppBackend backend = start(ONE, A, B);
        List<TokenStream> waiting = List.of(backend.generate(hello(A, 5)), backend.generate(hello(A, 5)));
        backend.close();
        for (TokenStream stream : waiting) {
            assertRefused(ErrorCode.UNAVAILABLE, "", () -> TestEngine.drain(stream));
            stream.close();
        }
        assertRefused(ErrorCode.UNAVAILABLE, "not started", () -> backend.generate(hello(A, 1)));
    }
}
