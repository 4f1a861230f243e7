package org.usedecentral.spi.ledger;

import org.usedecentral.spi.protocol.Registration;

/**
 * A worker as the ledger knows it.
 *
 * @param reputation 0 … 10,000
 */
public record WorkerAccount(Registration registration, boolean retired, Stake stake, int reputation) {
    /**
     * Bonded stake tokens.
     *
     * @param amount base units of the stake token
     * @param active whether it counts (at or above the minimum and not unstaking)
     * @param weight by lock tier: 1.00 … 2.00
     */
    public record Stake(long amount, boolean active, double weight) {
        public static final Stake NONE = new Stake(0, false, 1);
    }
}
