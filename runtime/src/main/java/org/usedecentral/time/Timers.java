package org.usedecentral.time;

import java.time.Clock;
import java.time.Duration;

/** A clock and alarms, so that tests can turn time. Thread-safe. */
public interface Timers {
    Clock clock();

    /** Runs {@code task} once, {@code delay} from now, on a thread of the timer's; a task that may block starts a thread of its own. */
    Alarm after(Duration delay, Runnable task);

    /** A task that has been put off. */
    interface Alarm {
        /** Any thread, any number of times; a task that runs already is not stopped. */
        void cancel();
    }
}
