package org.usedecentral.orchestrator;

import java.util.List;
import java.util.Optional;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;

/** The network as one backend: prices, locks, routes, relays and settles. Thread-safe; calls block, from virtual threads. */
public interface Jobs {
    /**
     * Prices a request, locks its maximum and begins to run it.
     *
     * @throws org.usedecentral.spi.DecentralException before any money moves: {@code MODEL_NOT_FOUND}, {@code NO_WORKER},
     *     {@code UNSUPPORTED_FEATURE}, {@code CONTEXT_TOO_LONG}, {@code INSUFFICIENT_CREDITS}, {@code RATE_LIMITED},
     *     {@code UNAVAILABLE} when the ledger does not answer
     */
    JobStream submit(Submission submission);

    /** Submits for a payer that approved this node's spender key, as an embedding service does. */
    default JobStream submit(Account payer, GenerationRequest request) {
        return submit(new Submission(payer, request, Optional.empty()));
    }

    /** What a client asks for, and who pays. */
    record Submission(Account payer, GenerationRequest request, Optional<Bytes> clientBodySha256) {}

    /** The models that some linked worker hosts within the ceiling prices, ordered by id. */
    List<ModelOffer> models();

    /** One of them. */
    default Optional<ModelOffer> model(ModelId id) {
        return models().stream().filter(offer -> offer.id().equals(id)).findFirst();
    }

    /** A job as the ledger has it, if this node's ledger knows it. */
    Optional<EscrowedJob> find(JobId job);

    /** The payer's copy of a receipt, as complete as it is now. */
    Optional<SignedReceipt> receipt(JobId job);
}
