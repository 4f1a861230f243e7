package org.usedecentral.measure;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * One figure over several rounds; {@code NaN} if no round had it.
 *
 * @param median of an even number, the mean of the two in the middle
 */
public record Spread(double median, double low, double high) {
    /** A figure that no round had. */
    public static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

    /** Over the values that are numbers. */
    public static Spread of(DoubleStream values) {
        double[] sorted = values.filter(Double::isFinite).toArray();
        if (sorted.length == 0) {
            return NONE;
        }
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    public boolean isKnown() {
        return Double.isFinite(median);
    }
}
