package org.usedecentral.receipt;

import java.util.Optional;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Terms;

/**
 * What a gateway says about one job, before it signs. Nothing in it is checked against anything: that is {@link ReceiptVerifier}'s work.
 *
 * @param openings absent in the public copy
 */
public record Receipt(
        Terms terms, Optional<Openings> openings, Evidence evidence, Settlement settlement, Summary summary) {
    public JobId job() {
        return terms.jobId();
    }

    public LedgerId ledger() {
        return terms.ledger();
    }
}
