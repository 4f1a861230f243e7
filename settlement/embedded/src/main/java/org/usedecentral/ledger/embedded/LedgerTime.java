package org.usedecentral.ledger.embedded;

import java.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** The ledger's own time in Unix seconds: the wall clock's, but never running backwards, not even over a restart. Thread-safe. */
final class LedgerTime {
    private final Clock clock;
    private final AtomicLong last;

    /** Goes on from the last time the ledger is known to have had. */
    LedgerTime(Clock clock, long last) {
        this.clock = clock;
        this.last = new AtomicLong(last);
    }

    long now() {
        return last.accumulateAndGet(clock.instant().getEpochSecond(), Math::max);
    }
}
