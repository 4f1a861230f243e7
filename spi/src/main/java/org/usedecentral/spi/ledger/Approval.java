package org.usedecentral.spi.ledger;

import org.usedecentral.spi.protocol.ApprovalTerms;

/**
 * A spender's approval as it stands.
 *
 * @param generation counts approvals and revocations
 * @param spent what its jobs have cost or locked so far, base units; never reset
 */
public record Approval(ApprovalTerms terms, long generation, long spent, boolean revoked) {}
