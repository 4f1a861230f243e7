package org.usedecentral.routing;

/**
 * The lower median of positive numbers, to within an eighth, in one pass and a fixed 4 KiB: a histogram over the exponent and the
 * first three bits of the mantissa. Sorting would cost more and need a copy. One thread.
 */
final class LowerMedian {
    private static final int MANTISSA_BITS = 3;
    private static final int SHIFT = 52 - MANTISSA_BITS;
    private static final int LOWEST_EXPONENT = -64;
    private static final int EXPONENTS = 128;
    private static final long OFFSET = (long) (Double.MAX_EXPONENT + LOWEST_EXPONENT) << MANTISSA_BITS;

    private final int[] counts = new int[EXPONENTS << MANTISSA_BITS];
    private int total;

    /** Counts a number above 0; what lies outside 2⁻⁶⁴ … 2⁶⁴ counts as the nearest bound. */
    void add(double number) {
        long bucket = (Double.doubleToRawLongBits(number) >>> SHIFT) - OFFSET;
        counts[Math.clamp(bucket, 0, counts.length - 1)]++;
        total++;
    }

    boolean isEmpty() {
        return total == 0;
    }

    /** The median's bucket, rounded down; of an even count the lower of the two. Needs at least one number. */
    double value() {
        int before = (total - 1) / 2;
        int bucket = 0;
        for (int seen = counts[0]; seen <= before; seen += counts[bucket]) {
            bucket++;
        }
        return Double.longBitsToDouble((bucket + OFFSET) << SHIFT);
    }
}
