package org.usedecentral.time;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Real time: the system clock, and one daemon thread that rings alarms. */
public final class SystemTimers implements Timers, AutoCloseable {
    /** The one place that asks the system for the time. */
    public static final Clock CLOCK = Clock.systemUTC();

    private final Clock clock;
    private final ScheduledThreadPoolExecutor executor;

    /** Alarms beside {@code clock}, which a node takes from its host. */
    public SystemTimers(Clock clock) {
        this.clock = clock;
        this.executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("decentral-timers").factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
        Future<?> future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    /** Drops every alarm that has not rung. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
