package org.usedecentral.measure;

/** Something that is measured beside others. Used by one thread. */
public interface Contender {
    /** What people know it by; different from every other one's in a run. */
    String name();

    /** The model it runs. */
    String model();

    /** Why it cannot take this workload; empty if it can. */
    String refusal(Workload workload);

    /**
     * Runs a workload once, from the first request to the end of the last.
     *
     * @throws org.usedecentral.spi.DecentralException if it fails
     */
    Round run(Workload workload) throws InterruptedException;
}
