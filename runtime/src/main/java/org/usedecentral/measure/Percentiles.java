package org.usedecentral.measure;

import java.util.Arrays;

/**
 * Times in seconds, by nearest rank: each is one that was measured.
 *
 * @param count how many there were; all else is 0 if none
 */
public record Percentiles(int count, double p50, double p90, double p99, double worst) {
    /** The percentiles of values in any order, which are left as they are. */
    public static Percentiles of(double[] seconds) {
        if (seconds.length == 0) {
            return new Percentiles(0, 0, 0, 0, 0);
        }
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        return new Percentiles(
                sorted.length, rank(sorted, 50), rank(sorted, 90), rank(sorted, 99), sorted[sorted.length - 1]);
    }

    private static double rank(double[] sorted, int percent) {
        return sorted[Math.max(0, Math.ceilDiv(sorted.length * percent, 100) - 1)];
    }
}
