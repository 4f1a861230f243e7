package org.usedecentral.spi.ledger;

/**
 * An account's credits, base units.
 *
 * @param free what can be locked or withdrawn
 * @param locked in escrows this account pays for
 * @param held earned, waiting for a job to close
 * @param sequence of the last payer message taken; the next one carries this + 1
 */
public record Balance(long free, long locked, long held, long sequence) {}
