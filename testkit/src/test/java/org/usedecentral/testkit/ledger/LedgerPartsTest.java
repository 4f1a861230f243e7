package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofScheme.Reason;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.testkit.TurnableClock;

/** What of the ledger's fakes the contract does not see. */
final class LedgerPartsTest {
    private final TurnableClock clock = new TurnableClock();
    private final InMemoryFixture fixture = new InMemoryFixture();

    @Test
    void aLedgerAnswersFromStartToClose() {
        InMemoryLedger ledger =
                new InMemoryLedger(InMemoryLedger.Setup.of(fixture.operator().account()));
        refused(ErrorCode.UNAVAILABLE, ledger::time);
        ledger.close();
        ledger.start(InMemoryFixture.context(clock, fixture));
        assertThat(ledger.time()).isEqualTo(TurnableClock.START);
        ledger.close();
        ledger.close();
        refused(ErrorCode.UNAVAILABLE, ledger::time);
    }

    @Test
    void theHeartbeatOfALedgerThatDiesMayBeFiveSecondsOld() {
        LedgerStage stage = new LedgerStage(fixture);
        stage.deposit(stage.payer, 100);
        JobId alive = stage.locked(10);
        stage.pass(124);
        assertThat(dieAndStart(stage)).isNotNull();
        assertThat(stage.job(alive).status().refundAfter()).isEqualTo(TurnableClock.START.plusSeconds(120 + 3_605));
        stage.close();
    }

    @Test
    void aWriteIsAHeartbeat() {
        LedgerStage stage = new LedgerStage(fixture);
        stage.deposit(stage.payer, 100);
        JobId passed = stage.locked(10);
        stage.pass(121);
        stage.refund(passed);
        stage.pass(3);
        assertThat(dieAndStart(stage)).isNotNull();
        assertThat(stage.job(passed).status().refundAfter()).isEqualTo(TurnableClock.START.plusSeconds(120));
        stage.close();
    }

    private SettlementLedger dieAndStart(LedgerStage stage) {
        ((InMemoryLedger) stage.ledger).die();
        stage.clock.advance(Duration.ofHours(1));
        stage.ledger.start(InMemoryFixture.context(stage.clock, fixture));
        return stage.ledger;
    }

    @Test
    void theContextLendsOneSchemeAndNoArtifacts() {
        LedgerContext context = new LedgerContext(clock, Path.of("data"), fixture.proofScheme(), fixture.operator());
        assertThat(ProofScheme.of(context, "sha256-ed25519/1")).isSameAs(context.scheme());
        refused(ErrorCode.UNSUPPORTED_FEATURE, () -> ProofScheme.of(context, "other/1"));
        refused(ErrorCode.UNSUPPORTED_FEATURE, () -> context.artifact("llama.cpp"));
    }

    @Test
    void theSchemeChecksEveryFieldOfAStatement() {
        StatementScheme scheme = new StatementScheme();
        LedgerStage stage = new LedgerStage(fixture);
        Terms terms = stage.terms(100).build();
        Assignment assignment = new Assignment(terms, stage.payer.account(), 1, Bytes.zeros(32));
        Statement good = statement(terms, stage, 1).tokens(5, 100).price(100).build();
        assertThat(scheme.verify(proof(good, stage), assignment)).isInstanceOf(ProofScheme.Verification.Valid.class);
        assertThat(reason(
                        scheme, proof(good, stage), new Assignment(terms, stage.spender.account(), 1, Bytes.zeros(32))))
                .isEqualTo(Reason.WORKER);
        assertThat(reason(scheme, proof(good, stage), new Assignment(terms, stage.payer.account(), 0, Bytes.zeros(32))))
                .isEqualTo(Reason.ATTEMPT);
        assertThat(reason(
                        scheme,
                        proof(good, stage),
                        new Assignment(
                                terms, stage.payer.account(), 1, terms.jobId().value())))
                .isEqualTo(Reason.MODEL);
        Terms other = stage.terms(100).build();
        assertThat(reason(scheme, proof(good, stage), new Assignment(other, stage.payer.account(), 1, Bytes.zeros(32))))
                .isEqualTo(Reason.JOB);
        assertThat(reason(
                        scheme, proof(statement(terms, stage, 1).tokens(5, 101).build(), stage), assignment))
                .isEqualTo(Reason.TOKENS);
        assertThat(reason(
                        scheme,
                        proof(statement(terms, stage, 1).tokens(5, 9).price(10).build(), stage),
                        assignment))
                .isEqualTo(Reason.PRICE);
        assertThat(reason(
                        scheme,
                        proof(
                                statement(terms, stage, 1)
                                        .requestCommitment(Bytes.zeros(32))
                                        .build(),
                                stage),
                        assignment))
                .isEqualTo(Reason.COMMITMENT);
        assertThat(reason(
                        scheme, new ProofScheme.Proof(scheme.algorithm(), good.encoded(), Bytes.zeros(64)), assignment))
                .isEqualTo(Reason.SIGNATURE);
        assertThat(reason(
                        scheme,
                        new ProofScheme.Proof(scheme.algorithm(), Bytes.zeros(200), Bytes.zeros(64)),
                        assignment))
                .isEqualTo(Reason.MALFORMED);
        assertThat(reason(scheme, new ProofScheme.Proof("other/1", good.encoded(), Bytes.zeros(64)), assignment))
                .isEqualTo(Reason.MALFORMED);
        refused(ErrorCode.UNSUPPORTED_FEATURE, () -> scheme.newTranscript(Bytes.zeros(32), 1));
        stage.close();
    }

    private static Statement.Builder statement(Terms terms, LedgerStage stage, int attempt) {
        return Statement.builder(terms.jobId(), stage.payer.account(), attempt)
                .requestCommitment(terms.requestCommitment())
                .outputDigest(Bytes.zeros(32));
    }

    private static ProofScheme.Proof proof(Statement statement, LedgerStage stage) {
        return new ProofScheme.Proof("sha256-ed25519/1", statement.encoded(), stage.payer.sign(statement.encoded()));
    }

    private static Reason reason(StatementScheme scheme, ProofScheme.Proof proof, Assignment assignment) {
        return switch (scheme.verify(proof, assignment)) {
            case ProofScheme.Verification.Invalid(Reason reason, String detail) -> {
                assertThat(detail).isNotBlank();
                yield reason;
            }
            case ProofScheme.Verification.Valid valid -> throw new AssertionError("it holds: " + valid);
        };
    }

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
