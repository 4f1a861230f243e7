package org.usedecentral.worker;

import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.AttemptPrice;
import org.usedecentral.link.Frame;
import org.usedecentral.link.RequestCodec;
import org.usedecentral.link.SealedPayload;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;

/** A JOB whose signatures, bindings and commitment are good; what the ledger says of it is not yet checked. */
record CheckedJob(Terms terms, TransactionId lock, Assignment assignment, AttemptPrice price, Opened opened) {
    /** The request, with the job's salt and the key of the frames that answer it. */
    record Opened(GenerationRequest request, Bytes salt, Bytes frameKey) {}

    /** Who is asked, by whom, on which ledger. */
    record Parties(LedgerId ledger, Account orchestrator, Account worker) {}

    /** What this worker advertised for a model. */
    record Hosting(Bytes modelDigest, TokenPrices prices) {}

    /**
     * Checks what an orchestrator assigned.
     *
     * @throws DecentralException {@code UNAUTHENTICATED} for a bad signature, {@code INVALID_REQUEST} for what does not fit together
     */
    static void checkAssignment(Frame.Job job, Parties parties) {
        Terms terms = job.assignment().decodedTerms();
        SignedVoucher signed = job.assignment().signedVoucher();
        Voucher voucher = signed.voucher();
        require(terms.ledger().equals(parties.ledger()), "the job is of another ledger");
        require(terms.orchestrator().equals(parties.orchestrator()), "the job is of another orchestrator");
        require(
                voucher.job().equals(terms.jobId())
                        && voucher.worker().equals(parties.worker())
                        && voucher.attempt() == job.attempt()
                        && voucher.outputTokens() == 0
                        && voucher.price() == 0,
                "the assignment is not voucher 0/0 of this attempt");
        require(
                job.assignment().budget() > 0 && job.assignment().budget() <= terms.locked(),
                "the budget is not within the lock");
        if (!Ed25519.verify(parties.orchestrator(), voucher.encoded(), signed.signature())) {
            throw new DecentralException(ErrorCode.UNAUTHENTICATED, "the assignment is not signed by the orchestrator");
        }
    }

    /** Puts together what was opened; {@code INVALID_REQUEST} if it is not what the terms commit to. */
    static CheckedJob of(Frame.Job job, Account worker, SealedPayload.Opened opened, HostingOf hostings) {
        Terms terms = job.assignment().decodedTerms();
        SealedPayload.Plaintext plaintext = opened.plaintext();
        require(
                plaintext.commitment().equals(terms.requestCommitment()),
                "the payload is not the one the terms commit to");
        GenerationRequest request = RequestCodec.decode(plaintext.payload());
        Hosting hosting = hostings.find(request);
        require(
                hosting.prices().within(terms.ceiling()),
                "this worker's prices are above the ceiling of the terms: the ledger would not pay them");
        require(
                request.maxOutputTokens() > 0
                        && (long) request.maxOutputTokens() * request.choices() <= terms.outputCap(),
                "the request may have more output than the terms pay for");
        return new CheckedJob(
                terms,
                job.assignment().lock(),
                new Assignment(terms, worker, job.attempt(), hosting.modelDigest()),
                new AttemptPrice(
                        hosting.prices(), terms.inputCap(), job.assignment().budget()),
                new Opened(request, plaintext.salt(), opened.frameKey()));
    }

    /** Finds how this worker hosts what is asked for. */
    interface HostingOf {
        Hosting find(GenerationRequest request);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, otherwise);
        }
    }

    JobId id() {
        return terms.jobId();
    }

    int attempt() {
        return assignment.attempt();
    }

    WorkerJournal.Key key() {
        return new WorkerJournal.Key(id(), attempt());
    }

    GenerationRequest request() {
        return opened.request();
    }

    Bytes salt() {
        return opened.salt();
    }

    Bytes frameKey() {
        return opened.frameKey();
    }
}
