package org.usedecentral.proof.sha256;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.config.Config;
import java.time.Instant;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.Completion;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofScheme.Proof;
import org.usedecentral.spi.proof.ProofScheme.Reason;
import org.usedecentral.spi.proof.ProofScheme.Transcript;
import org.usedecentral.spi.proof.ProofScheme.Verification;
import org.usedecentral.spi.proof.ProofSchemeProvider;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.testkit.proof.ProofSchemeContract;

final class Sha256Ed25519Test implements ProofSchemeContract {
    private static final ProofScheme SCHEME = ServiceLoader.load(ProofSchemeProvider.class)
            .findFirst()
            .orElseThrow()
            .create(Config.empty(), "proofs");

    private static final Terms TERMS = Terms.builder()
            .ledger(LedgerId.embedded(OTHER.account(), SALT))
            .payer(OTHER.account(), OTHER.account())
            .orchestrator(OTHER.account())
            .nonce(SALT)
            .requestCommitment(Sha256.of(Bytes.utf8("request")))
            .caps(1000, 500)
            .ceiling(new TokenPrices(150_000, 600_000))
            .validUntil(Instant.ofEpochSecond(1_767_225_600))
            .proofScheme(1)
            .build();
    private static final Assignment ASSIGNMENT = new Assignment(TERMS, WORKER.account(), 1, MODEL);

    @Override
    public ProofScheme scheme() {
        return SCHEME;
    }

    @Test
    void itsNamesAreForEver() {
        assertThat(SCHEME.type()).isEqualTo("sha256-ed25519");
        assertThat(SCHEME.name()).isEqualTo("proofs");
        assertThat(SCHEME.algorithm()).isEqualTo("sha256-ed25519/1");
        assertThat(SCHEME.id()).isEqualTo(1);
    }

    @Test
    void theStatementIsTheProtocolsAndTheWorkerSignsIt() {
        Transcript transcript = SCHEME.newTranscript(SALT, 2);
        transcript.append(Part.TEXT, new byte[] {'a'}, 0, 1);
        Completion completion =
                new Completion(List.of(FinishReason.LENGTH, FinishReason.STOP), new Usage(900, 400), 300);
        Proof proof = SCHEME.prove(ASSIGNMENT, completion, transcript, WORKER);
        OutputHasher hasher = new OutputHasher(SALT, 2);
        hasher.append(Part.TEXT, new byte[] {'a'}, 0, 1);
        Statement expected = Statement.builder(TERMS.jobId(), WORKER.account(), 1)
                .requestCommitment(TERMS.requestCommitment())
                .modelDigest(MODEL)
                .outputDigest(hasher.digest())
                .tokens(900, 400)
                .price(300)
                .finishReason(FinishReason.LENGTH)
                .build();
        assertThat(proof.statement()).isEqualTo(expected.encoded());
        assertThat(Ed25519.verify(WORKER.account(), proof.statement(), proof.signature()))
                .isTrue();
    }

    /** What a worker could sign with tools of its own. */
    private static Verification.Invalid forged(UnaryOperator<Statement.Builder> alter) {
        return forged(alter.apply(honest(Statement.builder(TERMS.jobId(), WORKER.account(), 1))), WORKER);
    }

    private static Statement.Builder honest(Statement.Builder builder) {
        return builder.requestCommitment(TERMS.requestCommitment())
                .modelDigest(MODEL)
                .outputDigest(Sha256.of())
                .tokens(1000, 500)
                .price(450);
    }

    private static Verification.Invalid forged(Statement.Builder statement, Ed25519.KeyPair signer) {
        Bytes encoded = statement.build().encoded();
        Proof proof = new Proof("sha256-ed25519/1", encoded, signer.sign(encoded));
        return (Verification.Invalid) SCHEME.verify(proof, ASSIGNMENT);
    }

    @Test
    void eachFieldOfASignedLieIsCaught() {
        assertThat(forged(s -> s.tokens(1001, 500)).reason()).isEqualTo(Reason.TOKENS);
        assertThat(forged(s -> s.tokens(1000, 501)).reason()).isEqualTo(Reason.TOKENS);
        assertThat(forged(s -> s.price(451)).reason()).isEqualTo(Reason.PRICE);
        assertThat(forged(s -> s.tokens(0, 0).price(1)).reason()).isEqualTo(Reason.PRICE);
        assertThat(forged(s -> s.price(Long.MAX_VALUE)).reason()).isEqualTo(Reason.PRICE);
        assertThat(forged(s -> s.requestCommitment(Sha256.of())).reason()).isEqualTo(Reason.COMMITMENT);
        assertThat(forged(s -> s.modelDigest(Bytes.zeros(32))).reason()).isEqualTo(Reason.MODEL);
    }

    @Test
    void theOneWhoSignsIsTheOneWhoIsNamed() {
        Statement.Builder mine = honest(Statement.builder(TERMS.jobId(), WORKER.account(), 1));
        assertThat(forged(mine, OTHER).reason()).isEqualTo(Reason.SIGNATURE);
        Statement.Builder others = honest(Statement.builder(TERMS.jobId(), OTHER.account(), 1));
        assertThat(forged(others, OTHER).reason()).isEqualTo(Reason.WORKER);
    }

    /** Under the key of nobody, a signature of zeros would hold for many messages. */
    @Test
    void nobodySignsNothing() {
        Assignment nobody = new Assignment(TERMS, Account.NONE, 1, MODEL);
        Bytes encoded = honest(Statement.builder(TERMS.jobId(), Account.NONE, 1))
                .build()
                .encoded();
        Proof proof = new Proof("sha256-ed25519/1", encoded, Bytes.zeros(64));
        assertThat(SCHEME.verify(proof, nobody)).isInstanceOfSatisfying(Verification.Invalid.class, invalid -> {
            assertThat(invalid.reason()).isEqualTo(Reason.SIGNATURE);
        });
    }
}
