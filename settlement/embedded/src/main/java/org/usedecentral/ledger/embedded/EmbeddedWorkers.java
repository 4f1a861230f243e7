package org.usedecentral.ledger.embedded;

import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ledger.SubmittedWorkers;
import org.usedecentral.spi.ledger.WorkerAccount;

/** Workers: signs what is asked for and submits it. Thread-safe. */
record EmbeddedWorkers(EmbeddedLedger ledger) implements SubmittedWorkers {
    @Override
    public Optional<WorkerAccount> find(Account worker) {
        return ledger.read(store -> Optional.ofNullable(store.worker(worker)));
    }
}
