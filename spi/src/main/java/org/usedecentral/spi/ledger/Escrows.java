package org.usedecentral.spi.ledger;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;

/** Escrows: the two-phase payment of jobs. */
public interface Escrows {
    /** Moves the job's maximum from the payer's free credits into an escrow. */
    Committed lock(WriteId write, Terms terms, Signer lockSigner, Signer orchestrator);

    /** Pays for a proved job; once a job. */
    Committed settle(WriteId write, SignedStatement statement, Signer orchestrator);

    /** Cashes a voucher: by its worker any number of times, by the orchestrator once for each worker. */
    Committed claim(WriteId write, SignedVoucher voucher, Signer claimant);

    /** Brings the refund forward: only claims of the grace window remain. */
    Committed expire(WriteId write, JobId job, Signer orchestrator);

    /** Returns what remains to the payer, once the time for it has come. */
    Committed refund(WriteId write, JobId job, Signer anyone);

    /** Ends a job: pays held shares, returns the remainder. */
    Committed close(WriteId write, JobId job, Signer anyone);

    /** Contests a settled job, naming the output digest that was computed. */
    default Committed dispute(WriteId write, JobId job, Bytes computedDigest, Signer payerOrSpender) {
        throw DecentralException.unsupported("dispute");
    }

    /** Shows a second statement of the same worker about the same attempt. */
    default Committed equivocate(WriteId write, SignedStatement other, Signer anyone) {
        throw DecentralException.unsupported("equivocate");
    }

    /** Puts the salted choice digests of a disputed job on the ledger. */
    default Committed disclose(WriteId write, JobId job, List<Bytes> choiceDigests, Signer worker) {
        throw DecentralException.unsupported("disclose");
    }

    /** The arbiters' answer to a dispute. */
    default Committed rule(WriteId write, JobId job, boolean upheld, List<Signer> arbiters) {
        throw DecentralException.unsupported("rule");
    }

    Optional<EscrowedJob> find(JobId job);

    /**
     * Jobs that are not closed, ordered by job id: for restart and sweeper.
     *
     * @param orchestrator whose; {@link Account#NONE}: everyone's
     * @param after the last job seen, or null
     * @param limit 1 … 1000
     */
    List<EscrowedJob> open(Account orchestrator, @Nullable JobId after, int limit);
}
