package org.usedecentral.ledger.embedded;

import java.util.Optional;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.ledger.WorkerAccounts;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.WriteId;

/** Workers: signs what is asked for and submits it. Thread-safe. */
record EmbeddedWorkers(EmbeddedLedger ledger) implements WorkerAccounts {
    @Override
    public Committed register(WriteId write, Registration registration, Signer owner, Signer worker) {
        return submit(write, new LedgerOperation.Register(registration), owner, worker);
    }

    @Override
    public Committed update(WriteId write, Account worker, Account payout, Signer owner) {
        return submit(write, new LedgerOperation.Update(worker, payout), owner);
    }

    @Override
    public Committed retire(WriteId write, Account worker, Signer owner) {
        return submit(write, new LedgerOperation.Retire(worker), owner);
    }

    private Committed submit(WriteId write, LedgerOperation operation, Signer... signers) {
        return ledger.submit(SignedOperation.of(ledger.id(), write, operation, signers));
    }

    @Override
    public Optional<WorkerAccount> find(Account worker) {
        return ledger.read(store -> Optional.ofNullable(store.worker(worker)));
    }
}
