package org.usedecentral.spi.ledger;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.WriteId;

/** Workers of a ledger whose writes are signed operations: every write is signed and submitted, so that there is one way in. */
public interface SubmittedWorkers extends WorkerAccounts {
    /** Where operations are submitted. */
    SettlementLedger ledger();

    @Override
    default Committed register(WriteId write, Registration registration, Signer owner, Signer worker) {
        return ledger().submit(SignedOperation.of(
                ledger().id(), write, new LedgerOperation.Register(registration), owner, worker));
    }

    @Override
    default Committed update(WriteId write, Account worker, Account payout, Signer owner) {
        return ledger().submit(
                        SignedOperation.of(ledger().id(), write, new LedgerOperation.Update(worker, payout), owner));
    }

    @Override
    default Committed retire(WriteId write, Account worker, Signer owner) {
        return ledger().submit(SignedOperation.of(ledger().id(), write, new LedgerOperation.Retire(worker), owner));
    }
}
