package org.usedecentral.backend.llamacpp;

import java.util.function.IntToLongFunction;

/**
 * Finds how many threads a step is fastest with, by trying half and twice as many now and then. ggml's threads wait for
 * each other spinning, some hundred times a token: when other programs want the same cores, two threads can be twenty
 * times slower than one (measured, load 10 on 2 cores: 9 tokens/s with two threads, 90 with one). Tokens do not depend
 * on it. One thread.
 */
final class ThreadPace {
    private static final long FIRST_INTERVAL = 500_000_000L;
    private static final long LONGEST_INTERVAL = 30_000_000_000L;
    private static final int PROBE_STEPS = 3;
    private static final int ENOUGH_STEPS = 4;
    /** A change must pay this much; less is noise. */
    private static final double GAIN = 0.9;

    private static final double ALARM = 4;

    private final int most;
    private int threads;
    private int candidate;
    private boolean down = true;

    /** Steps and mean time at {@link #threads} of batches of size {@link #batch}. */
    private int steps;

    private double usual;
    private int batch;

    private int probed;
    private double probeTime;
    private long nextProbe;
    private long interval = FIRST_INTERVAL;

    ThreadPace(int most) {
        this.most = most;
        this.threads = most;
    }

    /** Chooses what to begin with; {@code step} computes one with so many threads and says how long it took. */
    void begin(IntToLongFunction step) {
        if (most == 1) {
            return;
        }
        // The first one also reads the weights.
        long warmUp = step.applyAsLong(most);
        long all = Math.min(warmUp, step.applyAsLong(most));
        if (step.applyAsLong(most / 2) < all * GAIN) {
            threads = most / 2;
        }
    }

    /** How many threads to compute a prompt with, whose steps are too unlike to be compared. */
    int threads() {
        return threads;
    }

    /** How many threads the next step of so many tokens shall have; {@code now} in nanoseconds. */
    int threads(int tokens, long now) {
        if (most == 1) {
            return 1;
        }
        if (tokens != batch) {
            batch = tokens;
            steps = 0;
            probed = 0;
            candidate = 0;
        }
        if (nextProbe == 0) {
            nextProbe = now + interval;
        }
        if (candidate == 0 && steps >= ENOUGH_STEPS && now - nextProbe >= 0) {
            candidate = other();
            probed = 0;
            probeTime = 0;
        }
        return candidate == 0 ? threads : candidate;
    }

    /** Half as many or twice, in turn, within bounds. */
    private int other() {
        boolean half = (down && threads > 1) || threads == most;
        down = !half;
        return half ? threads / 2 : Math.min(most, threads * 2);
    }

    /** Takes note of how long the step took for which {@link #threads} was asked last. */
    void took(long nanos, long now) {
        if (candidate == 0) {
            noteUsual(nanos, now);
        } else {
            noteProbe(nanos, now);
        }
    }

    private void noteUsual(long nanos, long now) {
        if (steps >= ENOUGH_STEPS && nanos > usual * ALARM && threads > 1) {
            // Somebody has come: see at once whether fewer are better.
            down = true;
            interval = FIRST_INTERVAL;
            nextProbe = now;
        }
        steps++;
        usual += (nanos - usual) / Math.min(steps, 16);
    }

    private void noteProbe(long nanos, long now) {
        probed++;
        probeTime += nanos;
        boolean hopeless = nanos > usual * 2;
        if (probed < PROBE_STEPS && !hopeless) {
            return;
        }
        double mean = probeTime / probed;
        if (mean < usual * GAIN) {
            threads = candidate;
            usual = mean;
            steps = ENOUGH_STEPS;
            interval = FIRST_INTERVAL;
        } else {
            interval = Math.min(LONGEST_INTERVAL, interval * 2);
        }
        candidate = 0;
        nextProbe = now + interval;
    }
}
