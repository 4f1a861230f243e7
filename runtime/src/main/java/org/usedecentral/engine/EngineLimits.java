package org.usedecentral.engine;

import java.time.Duration;

/**
 * How long the worker waits for an engine host.
 *
 * @param ping how often a host is asked whether it is there
 * @param unansweredPings after how many of them without a word a host counts as frozen and is killed
 * @param start how long the process may take until it has connected; what its engine then does is not limited, since weights may be fetched
 * @param close how long an engine may take to close before its process is killed
 * @param backOff how long to wait before a host is started again
 */
public record EngineLimits(Duration ping, int unansweredPings, Duration start, Duration close, BackOff backOff) {
    /** Asked every 2 s, frozen after 16 s. */
    public static final EngineLimits DEFAULT =
            new EngineLimits(Duration.ofSeconds(2), 8, Duration.ofSeconds(60), Duration.ofSeconds(10), BackOff.DEFAULT);

    public EngineLimits {
        if (unansweredPings < 1) {
            throw new IllegalArgumentException("a host must be asked once at least");
        }
    }

    /**
     * The pause doubles with every fault.
     *
     * @param healthy after so long without a fault it is the first again
     */
    public record BackOff(Duration first, Duration longest, Duration healthy) {
        /** 0.5 s to 30 s, forgotten after a minute. */
        public static final BackOff DEFAULT =
                new BackOff(Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(1));

        /** The pause after {@code faults} faults in a row, at least one. */
        Duration after(int faults) {
            Duration pause = first;
            for (int i = 1; i < faults && pause.compareTo(longest) < 0; i++) {
                pause = pause.multipliedBy(2);
            }
            return pause.compareTo(longest) < 0 ? pause : longest;
        }
    }
}
