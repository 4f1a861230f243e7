package org.usedecentral.measure;

/**
 * Work that was done in a stretch of time.
 *
 * @param amount tokens, or embeddings
 * @param cpuSeconds of the engine's process; {@code NaN} where it cannot be seen
 */
public record Stretch(double amount, double seconds, double cpuSeconds) {
    /** A stretch that was not measured. */
    public static final Stretch NONE = new Stretch(0, 0, Double.NaN);

    /** {@code NaN} if nothing was measured. */
    public double perSecond() {
        return amount > 0 && seconds > 0 ? amount / seconds : Double.NaN;
    }

    /** {@code NaN} if nothing was measured or the engine's process cannot be seen. */
    public double perCpuSecond() {
        return amount > 0 && cpuSeconds > 0 ? amount / cpuSeconds : Double.NaN;
    }
}
