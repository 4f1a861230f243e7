package org.usedecentral.backend.javallama;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaOutput;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;

/**
 * One generation. A platform thread of its own pulls from the library, which blocks in native code; the reader takes from a bounded queue. The library says
 * neither why it ended nor how many tokens it made: a piece of text counts as one token, and the end is a length when as many as were allowed are counted.
 */
final class JavaLlamaStream implements TokenStream {
    private static final int CAPACITY = 32;

    private final RunningModel owner;
    private final Bounds bounds;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<GenerationEvent> events = new ArrayDeque<>(CAPACITY);
    private final Thread thread;
    private volatile @Nullable InferenceParameters parameters;
    private @Nullable DecentralException failure;
    private boolean ended;
    private boolean closed;

    /** Tokens of the prompt and the most of the output. */
    record Bounds(int inputTokens, int outputTokens) {}

    JavaLlamaStream(RunningModel owner, Bounds bounds) {
        this.owner = owner;
        this.bounds = bounds;
        this.thread = Thread.ofPlatform().daemon().name("decentral-java-llama").unstarted(this::pull);
    }

    void start(InferenceParameters request) {
        parameters = request;
        thread.start();
    }

    /** The library's side: the only thread that touches this generation's iterator, cancelling included. */
    private void pull() {
        InferenceParameters request = parameters;
        try {
            if (request != null) {
                generate(request);
            }
        } catch (RuntimeException e) {
            fail(new DecentralException(ErrorCode.INTERNAL, "java-llama.cpp failed: " + e.getMessage(), e));
        } finally {
            owner.ended(this);
            parameters = null;
        }
    }

    private void generate(InferenceParameters request) {
        LlamaIterator outputs = owner.model().generate(request).iterator();
        StringBuilder text = new StringBuilder();
        int pieces = 0;
        while (outputs.hasNext()) {
            LlamaOutput output = outputs.next();
            if (isClosed()) {
                outputs.cancel();
                return;
            }
            if (!output.text.isEmpty()) {
                text.append(output.text);
                int counted = pieces < bounds.outputTokens() ? 1 : 0;
                pieces += counted;
                put(new GenerationEvent.TextDelta(0, PartKind.TEXT, output.text, counted, List.of()));
            }
        }
        int estimate = pieces < bounds.outputTokens() ? owner.outputTokens(text.toString()) : pieces;
        int tokens = Math.clamp(estimate, Math.max(1, pieces), bounds.outputTokens());
        boolean full = tokens == bounds.outputTokens();
        // A slot must be free by the time the reader sees the end.
        owner.ended(this);
        put(new GenerationEvent.Finished(
                List.of(full ? FinishReason.LENGTH : FinishReason.STOP), new Usage(bounds.inputTokens(), tokens)));
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits while the queue is full; the end always fits. */
    private void put(GenerationEvent event) {
        lock.lock();
        try {
            while (events.size() >= CAPACITY && !closed && !(event instanceof GenerationEvent.Finished)) {
                changed.awaitUninterruptibly();
            }
            if (!closed) {
                events.add(event);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(DecentralException reason) {
        lock.lock();
        try {
            failure = reason;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            GenerationEvent event = take();
            while (event == null) {
                changed.await();
                event = take();
            }
            return event;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable GenerationEvent poll() {
        lock.lock();
        try {
            return take();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable GenerationEvent take() {
        if (ended) {
            throw new IllegalStateException("the stream has ended");
        }
        if (closed) {
            throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
        }
        GenerationEvent event = events.poll();
        if (event == null && failure != null) {
            throw failure;
        }
        ended = event instanceof GenerationEvent.Finished;
        changed.signalAll();
        return event;
    }

    @Override
    public int inputTokens() {
        return bounds.inputTokens();
    }

    /** Takes effect at the library's next piece of output, which is the earliest it can be told. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            events.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void awaitEnd() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
