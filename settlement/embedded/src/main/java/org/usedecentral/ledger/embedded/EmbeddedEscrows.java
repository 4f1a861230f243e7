package org.usedecentral.ledger.embedded;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.SubmittedEscrows;
import org.usedecentral.spi.protocol.JobId;

/** Escrows: signs what is asked for and submits it. Thread-safe. */
record EmbeddedEscrows(EmbeddedLedger ledger) implements SubmittedEscrows {
    private static final int MOST_JOBS = 1_000;

    @Override
    public Optional<EscrowedJob> find(JobId job) {
        return ledger.read(store -> Optional.ofNullable(store.job(job)).map(JobRow::job));
    }

    @Override
    public List<EscrowedJob> open(Account orchestrator, @Nullable JobId after, int limit) {
        if (limit < 1 || limit > MOST_JOBS) {
            throw DecentralException.invalid("limit", "a page has 1 to " + MOST_JOBS + " jobs, not " + limit);
        }
        return ledger.read(store ->
                store.open(orchestrator, after, limit).stream().map(JobRow::job).toList());
    }
}
