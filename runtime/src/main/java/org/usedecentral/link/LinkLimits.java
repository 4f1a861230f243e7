package org.usedecentral.link;

/**
 * What an orchestrator tells a worker in WELCOME.
 *
 * @param lanes jobs at once on this link
 * @param windowBytes sealed output a lane may send before the first WINDOW
 * @param voucherTokens a newer voucher comes at least every so many tokens
 */
public record LinkLimits(int lanes, int windowBytes, int voucherTokens) {
    public static final LinkLimits DEFAULT = new LinkLimits(64, 64 * 1024, 64);
}
