package org.usedecentral.testkit.ledger;

import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.Completion;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;

/**
 * As much of {@code sha256-ed25519/1} as a ledger calls: it checks statements against terms. A fake for tests of ledgers, which see no
 * output; what needs a transcript is {@code UNSUPPORTED_FEATURE}. Stateless, thread-safe.
 */
public final class StatementScheme implements ProofScheme {
    private static final String ALGORITHM = "sha256-ed25519/1";

    private final SignatureCheck check;

    public StatementScheme() {
        this(Ed25519::verify);
    }

    StatementScheme(SignatureCheck check) {
        this.check = check;
    }

    @Override
    public String name() {
        return "statements";
    }

    @Override
    public String type() {
        return "statements";
    }

    @Override
    public String algorithm() {
        return ALGORITHM;
    }

    @Override
    public int id() {
        return 1;
    }

    @Override
    public Transcript newTranscript(Bytes salt, int choices) {
        throw DecentralException.unsupported("recording output with the scheme for tests of ledgers");
    }

    @Override
    public Proof prove(Assignment assignment, Completion completion, Transcript output, Signer worker) {
        throw DecentralException.unsupported("proving with the scheme for tests of ledgers");
    }

    @Override
    public Verification verify(Proof proof, Assignment assignment, Transcript observed) {
        throw DecentralException.unsupported("comparing output with the scheme for tests of ledgers");
    }

    @Override
    public Verification verify(Proof proof, Assignment assignment) {
        Statement statement;
        try {
            statement = Statement.decode(proof.statement());
        } catch (DecentralException malformed) {
            return new Verification.Invalid(Reason.MALFORMED, malformed.message());
        }
        Terms terms = assignment.terms();
        if (!proof.algorithm().equals(ALGORITHM)) {
            return new Verification.Invalid(Reason.MALFORMED, "not a proof of " + ALGORITHM);
        }
        if (!statement.job().equals(terms.jobId())) {
            return new Verification.Invalid(Reason.JOB, "the statement is about another job");
        }
        if (!statement.worker().equals(assignment.worker())) {
            return new Verification.Invalid(Reason.WORKER, "the statement is another worker's");
        }
        if (statement.attempt() != assignment.attempt()) {
            return new Verification.Invalid(Reason.ATTEMPT, "the statement is about another attempt");
        }
        if (!statement.requestCommitment().equals(terms.requestCommitment())) {
            return new Verification.Invalid(Reason.COMMITMENT, "the statement is about another request");
        }
        if (!statement.modelDigest().equals(assignment.modelDigest())) {
            return new Verification.Invalid(Reason.MODEL, "the statement is about another model");
        }
        if (statement.inputTokens() > terms.inputCap() || statement.outputTokens() > terms.outputCap()) {
            return new Verification.Invalid(Reason.TOKENS, "more tokens than the terms allow");
        }
        if (statement.price() > terms.ceiling().cost(statement.inputTokens(), statement.outputTokens())) {
            return new Verification.Invalid(Reason.PRICE, "the price is above the ceiling");
        }
        if (!check.verify(statement.worker(), statement.encoded(), proof.signature())) {
            return new Verification.Invalid(Reason.SIGNATURE, "the statement is not signed by its worker");
        }
        return new Verification.Valid(new Claims(
                statement.worker(),
                statement.inputTokens(),
                statement.outputTokens(),
                statement.price(),
                statement.outputDigest()));
    }
}
