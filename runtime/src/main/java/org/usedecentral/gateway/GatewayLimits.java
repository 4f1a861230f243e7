package org.usedecentral.gateway;

import java.time.Duration;

/**
 * What the gateway grants; nothing is without limit.
 *
 * @param bodyBytes the longest request body, after content decoding
 * @param runningJobs how many jobs one key may run at once
 * @param bodyTime how long a client may take to send its body
 * @param pingInterval after how long without output a stream carries a comment, which is also how a client that left is noticed
 * @param writeTime how long one write may wait for a client that does not read
 */
public record GatewayLimits(
        int bodyBytes, int runningJobs, Duration bodyTime, Duration pingInterval, Duration writeTime) {
    /** 10 MiB in a minute, 16 jobs, a ping every 2 s, 30 s for a client that does not read. */
    public static final GatewayLimits DEFAULT = new GatewayLimits(
            10 * 1024 * 1024, 16, Duration.ofMinutes(1), Duration.ofSeconds(2), Duration.ofSeconds(30));

    public GatewayLimits {
        if (bodyBytes < 1 || runningJobs < 1) {
            throw new IllegalArgumentException("limits are positive");
        }
        for (Duration time : new Duration[] {bodyTime, pingInterval, writeTime}) {
            if (!time.isPositive()) {
                throw new IllegalArgumentException("limits are positive");
            }
        }
    }
}
