package org.usedecentral.measure;

import java.util.function.LongSupplier;

/** Reads what a process has used so far. Thread-safe; reading it takes some ten microseconds. */
public interface ProcessMeter {
    /** Stands for a value that cannot be seen. */
    long HIDDEN = -1;

    /**
     * Since the process began; {@link #HIDDEN} where it cannot be seen.
     *
     * @param cpuNanos of all its threads, also those that have ended; the system counts in steps, of 10 ms on Linux
     * @param residentBytes in memory now, mapped weights included
     * @param peakBytes the most that were in memory at once
     */
    record Use(long cpuNanos, long residentBytes, long peakBytes) {
        static final Use NOTHING_SEEN = new Use(HIDDEN, HIDDEN, HIDDEN);
    }

    Use read();

    /** This process: for a backend whose engine runs in it. */
    static ProcessMeter own() {
        return new SystemProcesses.Own();
    }

    /** Another process of this machine, asked for anew at each reading since an engine host may have been restarted. */
    static ProcessMeter of(LongSupplier pid) {
        return new SystemProcesses.Other(pid);
    }

    /** A process elsewhere. */
    static ProcessMeter hidden() {
        return () -> Use.NOTHING_SEEN;
    }
}
