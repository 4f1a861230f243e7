package org.usedecentral.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands still until a test turns it. Thread-safe. */
public final class TurnableClock extends Clock {
    /** Where every clock starts. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private volatile Instant now = START;

    @Override
    public Instant instant() {
        return now;
    }

    /** Turns the clock on; a negative duration turns it back, as a bad time server does. */
    public synchronized void advance(Duration duration) {
        now = now.plus(duration);
    }

    /** Turns the clock to a time, earlier or later. */
    public synchronized void set(Instant instant) {
        now = instant;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** The same clock, read in another zone. */
    @Override
    public Clock withZone(ZoneId zone) {
        return new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneId getZone() {
                return zone;
            }

            @Override
            public Clock withZone(ZoneId other) {
                return TurnableClock.this.withZone(other);
            }
        };
    }
}
