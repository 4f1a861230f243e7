package org.usedecentral.proof.sha256;

import java.util.Optional;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.Completion;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;

/**
 * The worker signs a {@link Statement} whose output digest is the salted SHA-256 of docs/protocol.md, section 3. Stateless, thread-safe.
 *
 * <p>Checks run from cheap to dear, the signature last, and the first one that fails is the reason.
 */
final class Sha256Ed25519 implements ProofScheme {
    static final String ALGORITHM = "sha256-ed25519/1";
    static final int ID = 1;

    private final String name;

    Sha256Ed25519(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return Sha256Ed25519Provider.TYPE;
    }

    @Override
    public String algorithm() {
        return ALGORITHM;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public Transcript newTranscript(Bytes salt, int choices) {
        return new HashedTranscript(new OutputHasher(salt, choices));
    }

    /**
     * Signs the statement. Input above the terms' cap is stated as the cap, which is what may be billed; everything else that
     * no verifier would accept is refused here, before it is signed.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the signer is not the assigned worker, there is no finish reason, or
     *     output or price are above what the terms allow
     */
    @Override
    public Proof prove(Assignment assignment, Completion completion, Transcript output, Signer worker) {
        if (!worker.account().equals(assignment.worker())) {
            throw DecentralException.invalid(
                    "worker", "the assignment is worker " + assignment.worker() + "'s, not " + worker.account() + "'s");
        }
        if (completion.reasons().isEmpty()) {
            throw DecentralException.invalid("reasons", "a completion needs a finish reason for each choice");
        }
        Terms terms = assignment.terms();
        Usage usage = completion.usage();
        Statement statement = Statement.builder(terms.jobId(), assignment.worker(), assignment.attempt())
                .requestCommitment(terms.requestCommitment())
                .modelDigest(assignment.modelDigest())
                .outputDigest(output.digest())
                .tokens(Math.min(usage.inputTokens(), terms.inputCap()), usage.outputTokens())
                .price(completion.price())
                .finishReason(completion.reasons().getFirst())
                .build();
        Optional<Verification.Invalid> fault = fault(statement, assignment);
        if (fault.isPresent()) {
            throw DecentralException.invalid(
                    "completion", "not signed: " + fault.get().detail());
        }
        return new Proof(ALGORITHM, statement.encoded(), worker.sign(statement.encoded()));
    }

    @Override
    public Verification verify(Proof proof, Assignment assignment) {
        return check(proof, assignment, Optional.empty());
    }

    @Override
    public Verification verify(Proof proof, Assignment assignment, Transcript observed) {
        return check(proof, assignment, Optional.of(observed.digest()));
    }

    private static Verification check(Proof proof, Assignment assignment, Optional<Bytes> observed) {
        if (!proof.algorithm().equals(ALGORITHM)) {
            return invalid(Reason.MALFORMED, "the proof is of another algorithm than " + ALGORITHM);
        }
        Statement statement;
        try {
            statement = Statement.decode(proof.statement());
        } catch (DecentralException e) {
            return invalid(Reason.MALFORMED, e.message());
        }
        Optional<Verification.Invalid> fault = fault(statement, assignment);
        if (fault.isPresent()) {
            return fault.get();
        }
        if (observed.isPresent() && !observed.get().equals(statement.outputDigest())) {
            return invalid(
                    Reason.OUTPUT,
                    "the statement is about output " + statement.outputDigest() + ", seen was " + observed.get());
        }
        if (!Ed25519.verify(statement.worker(), statement.encoded(), proof.signature())) {
            return invalid(Reason.SIGNATURE, "the signature is not worker " + statement.worker() + "'s");
        }
        return new Verification.Valid(new Claims(
                statement.worker(),
                statement.inputTokens(),
                statement.outputTokens(),
                statement.price(),
                statement.outputDigest()));
    }

    /** What of the statement does not fit the assignment. */
    private static Optional<Verification.Invalid> fault(Statement statement, Assignment assignment) {
        Terms terms = assignment.terms();
        if (terms.proofScheme() != ID) {
            return Optional.of(
                    invalid(Reason.JOB, "the terms name proof scheme " + terms.proofScheme() + ", this is " + ID));
        }
        if (!statement.job().equals(terms.jobId())) {
            return Optional.of(
                    invalid(Reason.JOB, "the statement is about job " + statement.job() + ", not " + terms.jobId()));
        }
        if (!statement.worker().equals(assignment.worker())) {
            return Optional.of(invalid(
                    Reason.WORKER, "the statement is worker " + statement.worker() + "'s, not " + assignment.worker()));
        }
        if (statement.attempt() != assignment.attempt()) {
            return Optional.of(invalid(
                    Reason.ATTEMPT,
                    "the statement is about attempt " + statement.attempt() + ", not " + assignment.attempt()));
        }
        if (!statement.requestCommitment().equals(terms.requestCommitment())) {
            return Optional.of(invalid(Reason.COMMITMENT, "the statement is about another request"));
        }
        if (!statement.modelDigest().equals(assignment.modelDigest())) {
            return Optional.of(invalid(
                    Reason.MODEL,
                    "the statement names model " + statement.modelDigest() + ", not " + assignment.modelDigest()));
        }
        return bounds(statement, terms);
    }

    private static Optional<Verification.Invalid> bounds(Statement statement, Terms terms) {
        int input = statement.inputTokens();
        int output = statement.outputTokens();
        if (input > terms.inputCap() || output > terms.outputCap()) {
            return Optional.of(invalid(
                    Reason.TOKENS,
                    input + " input and " + output + " output tokens; the terms allow " + terms.inputCap() + " and "
                            + terms.outputCap()));
        }
        long most = terms.ceiling().cost(input, output);
        if (statement.price() > most) {
            return Optional.of(
                    invalid(Reason.PRICE, "the price is " + statement.price() + "; these tokens cost at most " + most));
        }
        return Optional.empty();
    }

    private static Verification.Invalid invalid(Reason reason, String detail) {
        return new Verification.Invalid(reason, detail);
    }

    private record HashedTranscript(OutputHasher hasher) implements Transcript {
        @Override
        public void append(Part part, byte[] utf8, int offset, int length) {
            hasher.append(part, utf8, offset, length);
        }

        @Override
        public Bytes digest() {
            return hasher.digest();
        }
    }
}
