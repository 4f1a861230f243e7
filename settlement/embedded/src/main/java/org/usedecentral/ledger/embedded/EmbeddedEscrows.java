package org.usedecentral.ledger.embedded;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.Escrows;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;

/** Escrows: signs what is asked for and submits it. Thread-safe. */
record EmbeddedEscrows(EmbeddedLedger ledger) implements Escrows {
    private static final int MOST_JOBS = 1_000;

    @Override
    public Committed lock(WriteId write, Terms terms, Signer lockSigner, Signer orchestrator) {
        return submit(write, new LedgerOperation.Lock(terms), lockSigner, orchestrator);
    }

    @Override
    public Committed settle(WriteId write, SignedStatement statement, Signer orchestrator) {
        return submit(write, new LedgerOperation.Settle(statement), orchestrator);
    }

    @Override
    public Committed claim(WriteId write, SignedVoucher voucher, Signer claimant) {
        return submit(write, new LedgerOperation.Claim(voucher), claimant);
    }

    @Override
    public Committed expire(WriteId write, JobId job, Signer orchestrator) {
        return submit(write, new LedgerOperation.Expire(job), orchestrator);
    }

    @Override
    public Committed refund(WriteId write, JobId job, Signer anyone) {
        return submit(write, new LedgerOperation.Refund(job), anyone);
    }

    @Override
    public Committed close(WriteId write, JobId job, Signer anyone) {
        return submit(write, new LedgerOperation.Close(job), anyone);
    }

    private Committed submit(WriteId write, LedgerOperation operation, Signer... signers) {
        return ledger.submit(SignedOperation.of(ledger.id(), write, operation, signers));
    }

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
