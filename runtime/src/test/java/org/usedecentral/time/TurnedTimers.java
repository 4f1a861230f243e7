package org.usedecentral.time;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Time that stands still until a test turns it; alarms ring in the thread that turns, each at its own time. Thread-safe. */
public final class TurnedTimers implements Timers {
    public static final Instant START = Instant.parse("2030-01-31T12:00:00Z");

    private final List<Pending> pending = new ArrayList<>();
    private Instant now = START;
    private long set;

    /** An alarm; the number tells it from others of the same time. */
    private record Pending(long number, Instant due, Runnable task) {}

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                synchronized (TurnedTimers.this) {
                    return now;
                }
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException("tests read instants only");
            }
        };
    }

    @Override
    public synchronized Alarm after(Duration delay, Runnable task) {
        Pending alarm = new Pending(set++, now.plus(delay), task);
        pending.add(alarm);
        return () -> {
            synchronized (this) {
                pending.remove(alarm);
            }
        };
    }

    /** In the thread that turns, so that what a turn sets off is done when it returns. */
    @Override
    public Alarm startAfter(Duration delay, String thread, Runnable task) {
        return after(delay, task);
    }

    /** Alarms that have not rung. */
    public synchronized int alarms() {
        return pending.size();
    }

    public Instant now() {
        return clock().instant();
    }

    /** Turns time on, alarm by alarm; those that ring set new ones within the same turn. */
    public void turn(Duration by) {
        Instant end = now().plus(by);
        Optional<Pending> next = takeDue(end);
        while (next.isPresent()) {
            next.get().task().run();
            next = takeDue(end);
        }
        synchronized (this) {
            now = end;
        }
    }

    private synchronized Optional<Pending> takeDue(Instant end) {
        Optional<Pending> next =
                pending.stream().filter(alarm -> !alarm.due().isAfter(end)).min(Comparator.comparing(Pending::due));
        next.ifPresent(alarm -> {
            pending.remove(alarm);
            now = alarm.due().isAfter(now) ? alarm.due() : now;
        });
        return next;
    }
}
