package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.Usage;

@Timeout(30)
final class QueueSinkTest {
    private static final TokenSink.Window NONE = bytes -> {};
    private final QueueSink sink = new QueueSink();

    private static GenerationEvent text(String text) {
        return new GenerationEvent.TextDelta(0, PartKind.TEXT, text, 1, List.of());
    }

    private static GenerationEvent.Finished finished() {
        return new GenerationEvent.Finished(List.of(FinishReason.STOP), new Usage(1, 1));
    }

    private static DecentralException broken() {
        return new DecentralException(ErrorCode.UNAVAILABLE, "the link broke");
    }

    @Test
    void eventsComeInOrderAndThenTheEnd() throws InterruptedException {
        sink.put(text("a"), 1, NONE);
        sink.put(text("b"), 1, NONE);
        sink.finish(finished());
        assertThat(sink.take()).isEqualTo(text("a"));
        assertThat(sink.poll()).isEqualTo(text("b"));
        assertThat(sink.take()).isEqualTo(finished());
        assertThatThrownBy(sink::take).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(sink::poll).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEmptySinkHasNothingToPoll() {
        assertThat(sink.poll()).isNull();
    }

    @Test
    void whatWasThereIsReadBeforeTheFailure() throws InterruptedException {
        sink.put(text("a"), 1, NONE);
        sink.fail(broken());
        sink.put(text("too late"), 1, NONE);
        sink.finish(finished());
        sink.fail(new DecentralException(ErrorCode.INTERNAL, "too late as well"));
        assertThat(sink.take()).isEqualTo(text("a"));
        for (int again = 0; again < 2; again++) {
            assertThatThrownBy(sink::take).hasMessage("the link broke");
            assertThatThrownBy(sink::poll).hasMessage("the link broke");
        }
    }

    @Test
    void nothingFollowsTheEnd() throws InterruptedException {
        sink.finish(finished());
        sink.put(text("too late"), 1, NONE);
        sink.fail(broken());
        assertThat(sink.take()).isEqualTo(finished());
        assertThatThrownBy(sink::take).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theWindowOpensAsEventsAreConsumedNotAsTheyCome() throws InterruptedException {
        AtomicInteger given = new AtomicInteger();
        sink.put(text("a"), 30, given::addAndGet);
        sink.put(text("b"), 12, given::addAndGet);
        assertThat(given).hasValue(0);
        sink.take();
        assertThat(given).hasValue(30);
        sink.poll();
        assertThat(given).hasValue(42);
    }

    @Test
    void awaitOpenReturnsForAnEventForOpenAndForTheEnd() throws InterruptedException {
        sink.put(text("a"), 1, NONE);
        sink.awaitOpen();
        QueueSink opened = new QueueSink();
        opened.open();
        opened.awaitOpen();
        QueueSink ended = new QueueSink();
        ended.finish(finished());
        ended.awaitOpen();
    }

    @Test
    void awaitOpenWaits() throws Exception {
        CompletableFuture<Boolean> returned = new CompletableFuture<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                sink.awaitOpen();
                returned.complete(true);
            } catch (InterruptedException e) {
                returned.completeExceptionally(e);
            }
        });
        assertThat(returned).isNotDone();
        sink.open();
        assertThat(returned.get(10, TimeUnit.SECONDS)).isTrue();
        waiting.join();
    }

    @Test
    void aFailureBeforeAnythingElseIsWhatAwaitOpenSays() {
        sink.fail(broken());
        sink.open();
        assertThatThrownBy(sink::awaitOpen).hasMessage("the link broke");
    }

    @Test
    void aFailureAfterwardsLeavesTheSinkOpen() throws InterruptedException {
        sink.open();
        sink.fail(broken());
        sink.awaitOpen();
        assertThatThrownBy(sink::take).hasMessage("the link broke");
    }

    @Test
    void aReaderThatWaitsIsWokenByAFailure() throws Exception {
        CompletableFuture<GenerationEvent> taken = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                taken.complete(sink.take());
            } catch (InterruptedException | DecentralException e) {
                taken.completeExceptionally(e);
            }
        });
        sink.fail(broken());
        assertThatThrownBy(() -> taken.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("the link broke");
    }

    @Test
    void manyWritersLoseNothingAndEachKeepsItsOrder() throws InterruptedException {
        int writers = 8;
        int each = 2_000;
        CountDownLatch done = new CountDownLatch(writers);
        AtomicInteger given = new AtomicInteger();
        for (int writer = 0; writer < writers; writer++) {
            int choice = writer;
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < each; i++) {
                    sink.put(
                            new GenerationEvent.TextDelta(choice, PartKind.TEXT, "" + i, 1, List.of()),
                            1,
                            given::addAndGet);
                }
                done.countDown();
            });
        }
        Thread.ofVirtual().start(() -> {
            try {
                done.await();
                sink.finish(finished());
            } catch (InterruptedException e) {
                sink.fail(new DecentralException(ErrorCode.INTERNAL, "interrupted", e));
            }
        });
        List<Integer> next = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            next.add(0);
        }
        GenerationEvent event = sink.take();
        while (event instanceof GenerationEvent.TextDelta delta) {
            assertThat(delta.text()).isEqualTo("" + next.get(delta.choice()));
            next.set(delta.choice(), next.get(delta.choice()) + 1);
            event = sink.take();
        }
        assertThat(next).containsOnly(each);
        assertThat(given).hasValue(writers * each);
    }
}
