package org.usedecentral.spi.ledger;

import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;

/** Escrows of a ledger whose writes are signed operations: every write is signed and submitted, so that there is one way in. */
public interface SubmittedEscrows extends Escrows {
    /** Where operations are submitted. */
    SettlementLedger ledger();

    @Override
    default Committed lock(WriteId write, Terms terms, Signer lockSigner, Signer orchestrator) {
        return ledger().submit(SignedOperation.of(
                ledger().id(), write, new LedgerOperation.Lock(terms), lockSigner, orchestrator));
    }

    @Override
    default Committed settle(WriteId write, SignedStatement statement, Signer orchestrator) {
        return ledger().submit(
                        SignedOperation.of(ledger().id(), write, new LedgerOperation.Settle(statement), orchestrator));
    }

    @Override
    default Committed claim(WriteId write, SignedVoucher voucher, Signer claimant) {
        return ledger().submit(SignedOperation.of(ledger().id(), write, new LedgerOperation.Claim(voucher), claimant));
    }

    @Override
    default Committed expire(WriteId write, JobId job, Signer orchestrator) {
        return ledger().submit(SignedOperation.of(ledger().id(), write, new LedgerOperation.Expire(job), orchestrator));
    }

    @Override
    default Committed refund(WriteId write, JobId job, Signer anyone) {
        return ledger().submit(SignedOperation.of(ledger().id(), write, new LedgerOperation.Refund(job), anyone));
    }

    @Override
    default Committed close(WriteId write, JobId job, Signer anyone) {
        return ledger().submit(SignedOperation.of(ledger().id(), write, new LedgerOperation.Close(job), anyone));
    }
}
