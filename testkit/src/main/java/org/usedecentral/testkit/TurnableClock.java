package org.usedecentral.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.usedecentral.time.Timers;

/**
 * A clock that stands still until a test turns it, and the alarms that ring meanwhile. Thread-safe.
 *
 * <p>An alarm rings in the thread that turns the clock, when the clock shows the alarm's own time; of equals the one set first. What an
 * alarm throws reaches whoever turned the clock, which then stands at that alarm's time.
 */
public final class TurnableClock extends Clock implements Timers {
    /** Where every clock starts. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final int MOST_ALARMS = 100_000;

    private final PriorityQueue<Pending> alarms =
            new PriorityQueue<>(Comparator.comparing(Pending::due).thenComparingLong(Pending::number));
    private volatile Instant now = START;
    private long numbers;

    private record Pending(Instant due, long number, Runnable task) {}

    @Override
    public Instant instant() {
        return now;
    }

    /** Turns the clock on; a negative duration turns it back, as a bad time server does. */
    public void advance(Duration duration) {
        set(now.plus(duration));
    }

    /** Turns the clock to a time. Alarms due until then ring, also those that alarms set; turned back, none rings twice. */
    public void set(Instant instant) {
        Pending due = nextUntil(instant);
        while (due != null) {
            due.task.run();
            due = nextUntil(instant);
        }
    }

    /** The next alarm due, the clock at its time; null when there is none and the clock shows {@code instant}. */
    private synchronized @Nullable Pending nextUntil(Instant instant) {
        Pending first = alarms.peek();
        if (first == null || first.due.isAfter(instant)) {
            now = instant;
            return null;
        }
        alarms.remove(first);
        if (first.due.isAfter(now)) {
            now = first.due;
        }
        return first;
    }

    @Override
    public Clock clock() {
        return this;
    }

    /** Sets an alarm; one that is due already rings when the clock is turned next, be it by nothing. */
    @Override
    public synchronized Alarm after(Duration delay, Runnable task) {
        if (alarms.size() >= MOST_ALARMS) {
            throw new IllegalStateException(MOST_ALARMS + " alarms are set; cancel those that are not needed");
        }
        Pending pending = new Pending(now.plus(delay), numbers++, task);
        alarms.add(pending);
        return () -> cancel(pending);
    }

    /** In the thread that turns the clock too, so that what a test sees after a turn does not depend on the machine. */
    @Override
    public Alarm startAfter(Duration delay, String thread, Runnable task) {
        return after(delay, task);
    }

    private synchronized void cancel(Pending pending) {
        alarms.remove(pending);
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
