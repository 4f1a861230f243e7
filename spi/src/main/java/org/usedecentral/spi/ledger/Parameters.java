package org.usedecentral.spi.ledger;

import java.time.Duration;

/**
 * What the ledger charges and how long its windows are; copied into each job at its lock.
 *
 * @param minimumStake base units of the stake token that make a stake count
 * @param bondFloor the least dispute bond, base units
 * @param slashBps basis points of the stake that an upheld dispute costs
 */
public record Parameters(Shares shares, Windows windows, long minimumStake, long bondFloor, int slashBps) {
    /** 75 % (85 % staked), 5 % routing fee; 20 s grace, 60 s to dispute. */
    public static final Parameters DEFAULT = new Parameters(
            new Shares(7_500, 8_500, 500),
            new Windows(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofHours(24), Duration.ofDays(6)),
            1_000_000_000,
            100_000,
            500);

    /** Basis points of the price; the treasury has the rest. */
    public record Shares(int worker, int stakedWorker, int orchestrator) {
        public Shares {
            if (worker < 0
                    || stakedWorker < 0
                    || orchestrator < 0
                    || Math.max(worker, stakedWorker) + orchestrator > 10_000) {
                throw new IllegalArgumentException(
                        "each worker share and the orchestrator fee together are at most 10,000");
            }
        }
    }

    /**
     * How long things stay open.
     *
     * @param grace after settle or expire, in which other workers may still claim
     * @param dispute after settle
     */
    public record Windows(Duration grace, Duration dispute, Duration disclose, Duration rule) {}
}
