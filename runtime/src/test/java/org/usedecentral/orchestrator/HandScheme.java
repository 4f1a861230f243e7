package org.usedecentral.orchestrator;

import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.Completion;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.Statement;

/** Proves by the protocol's statement; verifies no more than these tests need. */
public class HandScheme implements ProofScheme {
    @Override
    public String algorithm() {
        return "hand/1";
    }

    @Override
    public int id() {
        return 1;
    }

    @Override
    public Transcript newTranscript(Bytes salt, int choices) {
        OutputHasher hasher = new OutputHasher(salt, choices);
        return new Transcript() {
            @Override
            public void append(Part part, byte[] utf8, int offset, int length) {
                hasher.append(part, utf8, offset, length);
            }

            @Override
            public Bytes digest() {
                return hasher.digest();
            }
        };
    }

    @Override
    public Proof prove(Assignment assignment, Completion completion, Transcript output, Signer worker) {
        Statement statement = Statement.builder(assignment.terms().jobId(), assignment.worker(), assignment.attempt())
                .requestCommitment(assignment.terms().requestCommitment())
                .modelDigest(assignment.modelDigest())
                .outputDigest(output.digest())
                .tokens(completion.usage().inputTokens(), completion.usage().outputTokens())
                .price(completion.price())
                .build();
        return new Proof(algorithm(), statement.encoded(), worker.sign(statement.encoded()));
    }

    @Override
    public Verification verify(Proof proof, Assignment assignment) {
        Statement statement = Statement.decode(proof.statement());
        if (!Ed25519.verify(assignment.worker(), proof.statement(), proof.signature())) {
            return new Verification.Invalid(Reason.SIGNATURE, "not signed by the worker");
        }
        return new Verification.Valid(new Claims(
                statement.worker(),
                statement.inputTokens(),
                statement.outputTokens(),
                statement.price(),
                statement.outputDigest()));
    }

    @Override
    public Verification verify(Proof proof, Assignment assignment, Transcript observed) {
        Verification alone = verify(proof, assignment);
        return alone instanceof Verification.Valid(Claims claims)
                        && !claims.outputDigest().equals(observed.digest())
                ? new Verification.Invalid(Reason.OUTPUT, "another output")
                : alone;
    }

    @Override
    public String name() {
        return "hand";
    }

    @Override
    public String type() {
        return "hand";
    }
}
