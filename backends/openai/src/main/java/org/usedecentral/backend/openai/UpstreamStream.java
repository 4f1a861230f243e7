package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;

/**
 * An answer, read from the network as it is pulled: there is no thread of its own, and what is not pulled stays with the server. Everything but
 * {@link #close} belongs to the reader.
 */
final class UpstreamStream implements TokenStream {
    private static final Bytes DONE = Bytes.utf8("[DONE]");

    private final Parts parts;
    private final SseReader sse = new SseReader();
    private final ArrayDeque<GenerationEvent> pending = new ArrayDeque<>();
    private final AtomicBoolean freed = new AtomicBoolean();
    private volatile boolean closed;
    private volatile int inputTokens;
    private @Nullable DecentralException failure;
    private boolean ended;

    /**
     * What a stream is made of.
     *
     * @param onEnd runs once, when the answer has ended, failed or been closed
     */
    record Parts(Exchange exchange, ByteFlow body, Answer answer, Duration patience, Runnable onEnd) {}

    /** What makes events and knows their tokens. */
    record Answer(ChunkReader chunks, TokenTally tally, InputCounter counter) {}

    UpstreamStream(Parts parts) {
        this.parts = parts;
        this.inputTokens = parts.answer().tally().input();
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        requireOpen();
        long deadline = System.nanoTime() + parts.patience().toNanos();
        try {
            while (pending.isEmpty()) {
                if (!readEvent()) {
                    ByteBuffer bytes = parts.body().take(Duration.ofNanos(deadline - System.nanoTime()));
                    feed(bytes);
                }
            }
            if (parts.answer().tally().input() == 0) {
                parts.answer().tally().knowInput(parts.answer().counter().count());
            }
            return deliver();
        } catch (DecentralException e) {
            throw failed(e);
        }
    }

    @Override
    public @Nullable GenerationEvent poll() {
        requireOpen();
        try {
            while (pending.isEmpty()) {
                if (!readEvent()) {
                    ByteBuffer bytes = parts.body().poll();
                    if (bytes == null && !parts.body().isEnded()) {
                        return null;
                    }
                    feed(bytes);
                }
            }
            // Counting waits for the server, which is next()'s to do.
            return parts.answer().tally().input() == 0 ? null : deliver();
        } catch (DecentralException e) {
            throw failed(e);
        }
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("the stream has ended");
        }
        if (closed) {
            throw cancelled();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static DecentralException cancelled() {
        return new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
    }

    /** Reads one event of the server's if it is there in full; false if bytes are needed. */
    private boolean readEvent() {
        SseReader.Event event = sse.next();
        if (event == null) {
            return false;
        }
        if (event.data().equals(DONE)) {
            pending.add(parts.answer().chunks().end());
            return true;
        }
        JsonNode json = UpstreamJson.read(event.data().toByteArray());
        if (event.error()) {
            throw UpstreamErrors.inBand(json);
        }
        parts.answer().chunks().read(json, pending);
        return true;
    }

    /** Takes bytes, or null for the end of the body: some servers leave {@code [DONE]} out, none the reasons. */
    private void feed(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            pending.add(parts.answer().chunks().end());
        } else {
            sse.feed(bytes);
        }
    }

    private GenerationEvent deliver() {
        if (closed) {
            throw cancelled();
        }
        inputTokens = parts.answer().tally().input();
        GenerationEvent event = pending.remove();
        if (event instanceof GenerationEvent.Finished end) {
            ended = true;
            free();
            // Its usage was made before the prompt was counted, if nothing else came before it.
            return end.usage().inputTokens() > 0 ? end : parts.answer().chunks().end();
        }
        return event;
    }

    private DecentralException failed(DecentralException cause) {
        DecentralException reason = closed ? cancelled() : cause;
        failure = reason;
        pending.clear();
        parts.exchange().close();
        free();
        return reason;
    }

    private void free() {
        if (freed.compareAndSet(false, true)) {
            parts.onEnd().run();
        }
    }

    @Override
    public int inputTokens() {
        return inputTokens;
    }

    @Override
    public void close() {
        closed = true;
        parts.answer().counter().close();
        parts.exchange().close();
        parts.body().close();
        free();
    }
}
