package org.usedecentral.spi.inference;

import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The generations of an engine that makes one token after the other: what a simple backend needs beside its tokens. It admits as many at once as
 * there are slots and refuses the rest, counts tokens, cuts at the limit and before stop texts, and gives slots back. One choice of plain text;
 * a backend with more writes its own {@link TokenStream}. Thread-safe.
 */
public final class Slots {
    private final int count;
    private final AtomicInteger running = new AtomicInteger();

    /** So many generations run at once. */
    public Slots(int count) {
        if (count < 1) {
            throw DecentralException.invalid("slots", "a backend needs a slot or more, not " + count);
        }
        this.count = count;
    }

    /** How busy the slots are: what {@link InferenceBackend#load} answers. */
    public BackendLoad load() {
        int busy = running.get();
        return new BackendLoad(count, busy, 0, (double) busy / count);
    }

    /**
     * Begins a generation. Its reader's thread pulls {@code tokens}, which may block: then {@code close} interrupts it. What {@code tokens} throws ends the
     * generation, as an {@code INTERNAL} error unless it says otherwise. Whether there are fewer tokens than wanted is known by {@code hasNext}.
     *
     * @param limits of the model
     * @param inputTokens how many tokens the prompt has
     * @param tokens the text of each token, whole characters only
     * @throws DecentralException {@code OVERLOADED}, {@code CONTEXT_TOO_LONG}, {@code UNSUPPORTED_FEATURE} for more than one choice
     */
    public TokenStream generate(
            GenerationRequest request, ModelLimits limits, int inputTokens, Iterator<String> tokens) {
        if (request.choices() > 1) {
            throw DecentralException.unsupported("more than one choice");
        }
        if (inputTokens >= limits.contextTokens()) {
            throw new DecentralException(
                    ErrorCode.CONTEXT_TOO_LONG,
                    "the prompt has " + inputTokens + " tokens; prompt and output have " + limits.contextTokens());
        }
        int most = Math.min(limits.maxOutputTokens(), limits.contextTokens() - inputTokens);
        int wanted = request.maxOutputTokens();
        if (running.incrementAndGet() > count) {
            running.decrementAndGet();
            throw new DecentralException(
                    ErrorCode.OVERLOADED, "all " + count + " slots are taken: try again when one is free");
        }
        return new PulledTokens(
                new PulledTokens.Plan(inputTokens, wanted == 0 ? most : Math.min(wanted, most), request.stop()),
                tokens,
                running::decrementAndGet);
    }
}
