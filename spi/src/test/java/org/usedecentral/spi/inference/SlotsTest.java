package org.usedecentral.spi.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;

@Timeout(30)
final class SlotsTest {
    private static final ModelLimits LIMITS = new ModelLimits(10, 5, 0);
    private static final ModelId MODEL = new ModelId("m");

    private final Slots slots = new Slots(2);

    private static GenerationRequest.Builder request() {
        return GenerationRequest.builder(MODEL, List.of(Message.of(Message.Role.USER, "hello")));
    }

    private TokenStream stream(GenerationRequest.Builder request, String... tokens) {
        return slots.generate(request.build(), LIMITS, 7, List.of(tokens).iterator());
    }

    private static List<GenerationEvent> events(TokenStream stream) throws InterruptedException {
        List<GenerationEvent> events = new ArrayList<>();
        while (events.isEmpty() || !(events.getLast() instanceof GenerationEvent.Finished)) {
            events.add(stream.next());
        }
        return events;
    }

    private static GenerationEvent text(String text, int tokens) {
        return new GenerationEvent.TextDelta(0, PartKind.TEXT, text, tokens, List.of());
    }

    private static GenerationEvent end(FinishReason reason, int output) {
        return new GenerationEvent.Finished(List.of(reason), new Usage(7, output));
    }

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theEndComesWithItsReasonAndUsage() throws InterruptedException {
        assertThat(events(stream(request(), "a", "b")))
                .containsExactly(text("a", 1), text("b", 1), end(FinishReason.STOP, 2));
        assertThat(events(stream(request(), "a", "b", "c", "d")))
                .as("the context leaves three")
                .endsWith(text("c", 1), end(FinishReason.LENGTH, 3));
        assertThat(events(stream(request().maxOutputTokens(1), "a", "b")))
                .containsExactly(text("a", 1), end(FinishReason.LENGTH, 1));
        assertThat(events(stream(request()))).containsExactly(end(FinishReason.STOP, 0));
        assertThat(slots.load()).isEqualTo(new BackendLoad(2, 0, 0, 0));
    }

    @Test
    void textsAreHeldBackBeforeAStop() throws InterruptedException {
        assertThat(events(stream(request().stop(List.of("xyz")), "ax", "y", "b")))
                .containsExactly(text("a", 1), text("xyb", 2), end(FinishReason.LENGTH, 3));
        assertThat(events(stream(request().stop(List.of("xyz")), "ax", "yz", "b")))
                .containsExactly(text("a", 1), text("", 1), end(FinishReason.STOP, 2));
        assertThat(events(stream(request().stop(List.of("xyz")), "ax")))
                .containsExactly(text("a", 1), text("x", 0), end(FinishReason.STOP, 1));
    }

    @Test
    void whatHasNoSlotIsRefusedUntilOneIsFree() throws InterruptedException {
        TokenStream first = stream(request(), "a");
        TokenStream second = stream(request(), "a");
        assertThat(slots.load()).isEqualTo(new BackendLoad(2, 2, 0, 1));
        refused(ErrorCode.OVERLOADED, () -> stream(request(), "a"));
        first.close();
        first.close();
        assertThat(events(stream(request(), "a"))).hasSize(2);
        assertThat(events(second)).hasSize(2);
        second.close();
        assertThat(slots.load().running()).isZero();
        assertThatIllegalStateException().isThrownBy(second::next);
        assertThatIllegalStateException().isThrownBy(second::poll);
        refused(ErrorCode.CANCELLED, first::next);
        refused(ErrorCode.CANCELLED, first::poll);
    }

    @Test
    void whatCannotBeServedTakesNoSlot() {
        refused(ErrorCode.UNSUPPORTED_FEATURE, () -> stream(request().choices(2), "a"));
        refused(
                ErrorCode.CONTEXT_TOO_LONG,
                () -> slots.generate(request().build(), LIMITS, 10, List.of("a").iterator()));
        assertThat(slots.load().running()).isZero();
        refused(ErrorCode.INVALID_REQUEST, () -> new Slots(0));
    }

    @Test
    void anEngineThatFailsEndsItsGeneration() {
        for (RuntimeException fault :
                List.of(new IllegalStateException("broken"), new DecentralException(ErrorCode.UNAVAILABLE, "gone"))) {
            TokenStream stream = slots.generate(request().build(), LIMITS, 7, making(() -> {
                throw fault;
            }));
            refused(fault instanceof DecentralException ? ErrorCode.UNAVAILABLE : ErrorCode.INTERNAL, stream::next);
            assertThat(slots.load().running()).isZero();
        }
    }

    @Test
    void closingWakesAnEngineThatWaits() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        TokenStream stream = slots.generate(request().build(), LIMITS, 7, making(() -> {
            waiting.countDown();
            return awaited(never);
        }));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean interrupted = new AtomicBoolean(true);
            Future<ErrorCode> why = threads.submit(() -> {
                try {
                    throw new AssertionError(stream.next());
                } catch (DecentralException e) {
                    interrupted.set(Thread.currentThread().isInterrupted());
                    return e.code();
                }
            });
            assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
            stream.close();
            assertThat(why.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.CANCELLED);
            assertThat(interrupted).as("the interrupt was for the engine alone").isFalse();
        }
        assertThat(slots.load().running()).isZero();
    }

    @Test
    void aReaderThatIsInterruptedStops() {
        CountDownLatch never = new CountDownLatch(1);
        TokenStream stream = slots.generate(request().build(), LIMITS, 7, making(() -> awaited(never)));
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(stream::next);
        assertThat(slots.load().running()).as("it may come back").isEqualTo(1);
        stream.close();
        assertThat(slots.load().running()).isZero();
    }

    @Test
    void aRequestFindsItsCard() {
        ModelCard card = new ModelCard(MODEL, null, LIMITS, "", Set.of(Feature.GENERATE));
        assertThat(request().build().cardAmong(List.of(card))).isSameAs(card);
        refused(ErrorCode.MODEL_NOT_FOUND, () -> request().build().cardAmong(List.of()));
        refused(
                ErrorCode.UNSUPPORTED_FEATURE,
                () -> request().resumeFrom("a").build().cardAmong(List.of(card)));
    }

    private interface Engine {
        String token();
    }

    private static Iterator<String> making(Engine engine) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public String next() {
                return engine.token();
            }
        };
    }

    private static String awaited(CountDownLatch never) {
        try {
            return String.valueOf(never.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
