package org.usedecentral.gateway;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.time.Timers;

/** Time that stands still until a test turns it; alarms ring in the thread that turns. Thread-safe. */
final class TurnedTimers implements Timers {
    private final List<Pending> pending = new ArrayList<>();
    private Instant now = Instant.parse("2030-01-31T12:00:00Z");

    private record Pending(Instant due, Runnable task) {}

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
        Pending alarm = new Pending(now.plus(delay), task);
        pending.add(alarm);
        return () -> {
            synchronized (this) {
                pending.remove(alarm);
            }
        };
    }

    synchronized int alarms() {
        return pending.size();
    }

    void turn(Duration by) {
        List<Pending> due;
        synchronized (this) {
            now = now.plus(by);
            due = pending.stream().filter(alarm -> !alarm.due().isAfter(now)).toList();
            pending.removeAll(due);
        }
        due.forEach(alarm -> alarm.task().run());
    }
}
