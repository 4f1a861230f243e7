package org.usedecentral.spi.inference;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A generation whose reader pulls the tokens itself. {@code next} and {@code poll} by one thread, {@code close} by any. */
final class PulledTokens implements TokenStream {
    private final Plan plan;
    private final Iterator<String> tokens;
    private final Runnable release;
    private final StopFilter filter;
    private int made;
    private int shown;
    private @Nullable FinishReason reason;

    // Guarded by this, and held only for a moment: never while a token is made.
    private @Nullable Thread maker;
    private boolean closed;
    private boolean ended;

    /**
     * What is asked for.
     *
     * @param most so many tokens, at most
     */
    record Plan(int inputTokens, int most, List<String> stop) {}

    PulledTokens(Plan plan, Iterator<String> tokens, Runnable release) {
        this.plan = plan;
        this.tokens = tokens;
        this.release = release;
        this.filter = new StopFilter(plan.stop());
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        while (true) {
            checkOpen();
            FinishReason why = reason;
            if (why != null) {
                end();
                return new GenerationEvent.Finished(List.of(why), new Usage(plan.inputTokens(), made));
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            String text = shownOf(make());
            if (!text.isEmpty() || (reason != null && shown < made)) {
                int count = made - shown;
                shown = made;
                return new GenerationEvent.TextDelta(0, PartKind.TEXT, text, count, List.of());
            }
        }
    }

    /** Shown text of the newest token, which may end the generation; null: there was none left. */
    private String shownOf(@Nullable String token) {
        if (token == null) {
            reason = FinishReason.STOP;
            return filter.rest();
        }
        made++;
        String text = filter.accept(token);
        if (filter.stopped()) {
            reason = FinishReason.STOP;
        } else if (made == plan.most()) {
            reason = FinishReason.LENGTH;
            text += filter.rest();
        }
        return text;
    }

    /** The next token; null at the end. */
    private @Nullable String make() throws InterruptedException {
        begin();
        try {
            String token = tokens.hasNext() ? tokens.next() : null;
            done();
            return token;
        } catch (RuntimeException e) {
            done();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            end();
            throw e instanceof DecentralException known
                    ? known
                    : new DecentralException(ErrorCode.INTERNAL, "the engine failed: " + e, e);
        }
    }

    private synchronized void begin() {
        checkOpen();
        maker = Thread.currentThread();
    }

    private synchronized void done() {
        maker = null;
        if (closed) {
            // It may be close() that interrupted, and not for anybody further up.
            boolean _ = Thread.interrupted();
            checkOpen();
        }
    }

    private synchronized void checkOpen() {
        if (closed) {
            throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
        }
        if (ended) {
            throw new IllegalStateException("the generation has ended: there is no event after Finished");
        }
    }

    private synchronized void end() {
        if (!ended && !closed) {
            ended = true;
            release.run();
        }
    }

    /** Never knows without pulling, so that events are not gathered. */
    @Override
    public @Nullable GenerationEvent poll() {
        checkOpen();
        return null;
    }

    @Override
    public int inputTokens() {
        return plan.inputTokens();
    }

    @Override
    public synchronized void close() {
        if (!ended && !closed) {
            closed = true;
            release.run();
            if (maker != null) {
                maker.interrupt();
            }
        }
    }
}
