package org.usedecentral.testkit.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;

/** Plays a script to one reader; choices take turns, a token each. {@code next} and {@code poll} by one thread, the rest by any. */
final class ScriptedStream implements TokenStream {
    /** Nobody waits longer for a gate that a test forgot. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ScriptedBackend backend;
    private final Script script;
    private final int inputTokens;
    private final int cachedTokens;
    private final List<ScriptedChoice> choices;

    private int turn;
    private boolean pausing;
    private long resumeAt;
    private @Nullable Gate waitingFor;
    private boolean released;
    private boolean closed;
    private boolean finished;

    ScriptedStream(
            ScriptedBackend backend, Script script, ScriptedPrompts.Counted prompt, List<ScriptedChoice> choices) {
        this.backend = backend;
        this.script = script;
        this.inputTokens = prompt.tokens();
        this.cachedTokens = prompt.cached();
        this.choices = List.copyOf(choices);
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        lock.lockInterruptibly();
        try {
            while (true) {
                GenerationEvent event = step();
                if (event != null) {
                    return event;
                }
                long now = System.nanoTime();
                if (now - limit >= 0) {
                    throw new DecentralException(
                            ErrorCode.INTERNAL,
                            "the test neither opened the gate nor thawed the backend in " + PATIENCE);
                }
                // Woken early or not, the loop looks again.
                long _ = changed.awaitNanos(pausing ? Math.min(resumeAt - now, limit - now) : limit - now);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable GenerationEvent poll() {
        lock.lock();
        try {
            return step();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int inputTokens() {
        return inputTokens;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!finished) {
                closed = true;
            }
            release();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A gate opened, or the backend thawed. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next event if it is there; null when the script waits. */
    private @Nullable GenerationEvent step() {
        if (closed) {
            throw new DecentralException(ErrorCode.CANCELLED, "the generation was cancelled");
        }
        if (finished) {
            throw new IllegalStateException("the generation has ended: there is no event after Finished");
        }
        while (!backend.isFrozen()) {
            ScriptedChoice choice = choices.get(turn);
            GenerationEvent event = choice.poll();
            if (event != null) {
                nextTurn();
                return event;
            }
            if (choices.stream().allMatch(c -> c.reason() != null)) {
                return finish();
            }
            if (choice.reason() != null) {
                nextTurn();
            } else if (waits(choice)) {
                return null;
            }
        }
        return null;
    }

    private void nextTurn() {
        turn = (turn + 1) % choices.size();
    }

    /** Whether the choice's next step is not due yet; takes it if it is. */
    private boolean waits(ScriptedChoice choice) {
        switch (choice.step()) {
            case Script.Step.Wait(Gate gate) -> {
                if (waitingFor != gate) {
                    waitingFor = gate;
                    gate.reach(this::wake);
                }
                if (!gate.isOpen()) {
                    return true;
                }
                choice.pass();
            }
            case Script.Step.Pause(Duration duration) -> {
                if (!pausing) {
                    pausing = true;
                    resumeAt = System.nanoTime() + duration.toNanos();
                }
                if (System.nanoTime() - resumeAt < 0) {
                    return true;
                }
                pausing = false;
                choice.pass();
            }
            case Script.Step.Failure(RuntimeException cause) -> {
                closed = true;
                release();
                throw cause;
            }
            case null, default -> choice.advance();
        }
        return false;
    }

    private GenerationEvent finish() {
        // A choice's last delta comes before the end of all.
        for (ScriptedChoice choice : choices) {
            GenerationEvent event = choice.poll();
            if (event != null) {
                return event;
            }
        }
        finished = true;
        release();
        List<FinishReason> reasons = new ArrayList<>(choices.size());
        int output = 0;
        int reasoning = 0;
        for (ScriptedChoice choice : choices) {
            FinishReason reason = choice.reason();
            reasons.add(reason == null ? FinishReason.STOP : reason);
            output += choice.tokens();
            reasoning += choice.reasoningTokens();
        }
        Usage claimed = script.ending().usage();
        int cached = Math.min(Math.max(cachedTokens, script.ending().cachedTokens()), inputTokens);
        return new GenerationEvent.Finished(
                reasons, claimed != null ? claimed : new Usage(inputTokens, output, cached, reasoning));
    }

    private void release() {
        if (!released) {
            released = true;
            backend.release(this);
        }
    }
}
