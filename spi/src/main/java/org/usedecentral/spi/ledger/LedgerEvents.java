package org.usedecentral.spi.ledger;

import org.jspecify.annotations.Nullable;

/** A ledger's events in order, pulled by one thread. */
public interface LedgerEvents extends AutoCloseable {
    /** Waits for the next event. */
    LedgerEvent next() throws InterruptedException;

    /** The next event if it is there already, else null. */
    @Nullable LedgerEvent poll();

    /** Any thread; wakes {@link #next}, which then throws {@code CANCELLED}. */
    @Override
    void close();
}
