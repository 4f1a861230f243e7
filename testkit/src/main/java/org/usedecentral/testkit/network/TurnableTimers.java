package org.usedecentral.testkit.network;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.time.Timers;

/** A clock that stands still until a test turns it, and the alarms that then ring, in order, on the test's thread. Thread-safe. */
public final class TurnableTimers implements Timers {
    private final TurnableClock clock = new TurnableClock();
    private final PriorityQueue<Pending> alarms =
            new PriorityQueue<>(Comparator.comparing(Pending::due).thenComparingLong(Pending::order));
    private long orders;

    private record Pending(Instant due, long order, Runnable task) {}

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public synchronized Alarm after(Duration delay, Runnable task) {
        Pending pending = new Pending(clock.instant().plus(delay), orders++, task);
        alarms.add(pending);
        return () -> {
            synchronized (this) {
                alarms.remove(pending);
            }
        };
    }

    /** Turns the clock on and rings what falls due, each alarm at its own time. */
    public void advance(Duration duration) {
        Instant end = clock.instant().plus(duration);
        for (Optional<Pending> due = next(end); due.isPresent(); due = next(end)) {
            due.get().task().run();
        }
        clock.set(end);
    }

    private synchronized Optional<Pending> next(Instant end) {
        Pending first = alarms.peek();
        if (first == null || first.due().isAfter(end)) {
            return Optional.empty();
        }
        alarms.remove(first);
        if (first.due().isAfter(clock.instant())) {
            clock.set(first.due());
        }
        return Optional.of(first);
    }
}
