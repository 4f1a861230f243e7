package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.TokenStream;

/** Slots: taken, refused, given back, however a generation ends. */
interface CancellationContract extends BackendFixture {
    long PAUSE_NANOS = 500_000;

    @Test
    default void closingFromAnotherThreadWakesTheReader() throws Exception {
        Asked asked = Asked.with(this, Feature.GENERATE);
        TokenStream stream = asked.backend().generate(asked.request(0));
        CountDownLatch started = new CountDownLatch(1);
        // Not closed: a reader that never wakes must fail the test, not hang it.
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Future<DecentralException> reader = threads.submit(() -> {
                try {
                    while (!(stream.next() instanceof GenerationEvent.Finished)) {
                        started.countDown();
                        // An engine that is done in no time must not be done before it is cancelled.
                        LockSupport.parkNanos(PAUSE_NANOS);
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
        } finally {
            threads.shutdownNow();
            stream.close();
        }
        asked.awaitIdle();
    }

    @Test
    default void anInterruptedReaderStopsWaiting() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        try (TokenStream stream = asked.backend().generate(asked.request(0))) {
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
        asked.awaitIdle();
    }

    @Test
    default void closingIsIdempotentAndFreesTheSlot() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        TokenStream unread = asked.backend().generate(asked.request(0));
        unread.close();
        unread.close();
        Asked.refused(ErrorCode.CANCELLED, unread::next);
        Asked.refused(ErrorCode.CANCELLED, unread::poll);
        asked.awaitIdle();

        TokenStream ended = asked.backend().generate(asked.request(1));
        while (!(ended.next() instanceof GenerationEvent.Finished)) {
            assertThat(ended.inputTokens()).isPositive();
        }
        ended.close();
        ended.close();
        asked.awaitIdle();
    }

    @Test
    default void refusesWhatHasNoSlotInsteadOfQueueing() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        asked.awaitIdle();
        List<TokenStream> streams = new ArrayList<>();
        try {
            int slots = asked.backend().load().slots();
            for (int i = 0; i < slots; i++) {
                streams.add(asked.backend().generate(asked.request(0)));
                assertThat(streams.getLast().next()).isNotInstanceOf(GenerationEvent.Finished.class);
            }
            assertThat(asked.backend().load().running()).isEqualTo(slots);
            Asked.refused(ErrorCode.OVERLOADED, () -> asked.backend().generate(asked.request(1)));

            streams.getFirst().close();
            InferenceBackend backend = asked.backend();
            Waiting.until("a slot is free", patience(), () -> backend.load().running() < slots);
            Collected next = Collected.from(backend.generate(asked.request(1)));
            assertThat(next.usage().outputTokens()).isEqualTo(1);
        } finally {
            streams.forEach(TokenStream::close);
        }
        asked.awaitIdle();
    }
}
