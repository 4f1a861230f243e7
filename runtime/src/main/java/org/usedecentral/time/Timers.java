package org.usedecentral.time;

import java.time.Clock;
import java.time.Duration;

/** A clock and alarms, so that tests can turn time. Thread-safe. */
public interface Timers {
    Clock clock();

    /** Runs {@code task} once, {@code delay} from now, on a thread of the timer's, which it must not block. */
    Alarm after(Duration delay, Runnable task);

    /** Runs {@code task}, which may block, once, {@code delay} from now, on a virtual thread of that name. */
    default Alarm startAfter(Duration delay, String thread, Runnable task) {
        return after(delay, () -> Thread.ofVirtual().name(thread).start(task));
    }

    /** A task that has been put off. */
    interface Alarm {
        /** Any thread, any number of times; a task that runs already is not stopped. */
        void cancel();
    }
}
