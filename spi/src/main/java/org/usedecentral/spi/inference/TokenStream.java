package org.usedecentral.spi.inference;

import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;

/** The events of one generation, pulled by one thread; pulling is the back-pressure. */
public interface TokenStream extends AutoCloseable {
    /**
     * Waits for the next event. The last one is {@link GenerationEvent.Finished}.
     *
     * @throws DecentralException why the generation failed; {@code CANCELLED} after {@link #close}
     * @throws IllegalStateException after the last event
     */
    GenerationEvent next() throws InterruptedException;

    /** The next event if it is there already, else null; lets a caller coalesce. Throws as {@link #next} does. */
    @Nullable GenerationEvent poll();

    /** How many tokens of the prompt the engine counted, once known; 0 before. Known at the latest with the first event. */
    int inputTokens();

    /** Cancels, frees the KV cache and wakes a thread in {@link #next}. Any thread, any number of times. */
    @Override
    void close();
}
