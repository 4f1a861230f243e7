package org.usedecentral.orchestrator;

import java.time.Instant;
import org.usedecentral.link.SealedPayload;
import org.usedecentral.receipt.Openings;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.Terms;

/**
 * A locked job.
 *
 * @param routing as it was first asked for
 * @param plaintext what is sealed to each attempt's worker
 */
record Job(Terms terms, Committed lock, Routing routing, SealedPayload.Plaintext plaintext, Instant created) {
    JobId id() {
        return terms.jobId();
    }

    /** When the escrow ends, by this node's clock. */
    Instant refundAfter() {
        return created.plusSeconds(terms.timeoutSeconds());
    }

    Openings openings() {
        return new Openings(plaintext.salt(), plaintext.clientBodySha256(), Sha256.of(plaintext.payload()));
    }
}
