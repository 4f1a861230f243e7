package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.DEADLINE_EXCEEDED;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.INSUFFICIENT_CREDITS;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;

/** Lock: a job's maximum leaves the payer's free credits. */
interface LockContract {
    @Test
    default void aLockMovesTheMaximumIntoEscrow(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(400).build();
        Instant now = stage.now();
        Committed committed = stage.lock(terms);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(600, 400, 0, 0));
        assertThat(stage.job(terms.jobId()))
                .isEqualTo(new EscrowedJob(
                        terms,
                        committed.transaction(),
                        new EscrowedJob.Status(EscrowedJob.State.LOCKED, now.plusSeconds(120), Optional.empty()),
                        new EscrowedJob.Funds(400, 0, Map.of()),
                        Optional.empty()));
    }

    @Test
    default void theMaximumIsRoundedUp(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.lock(stage.terms(1).ceiling(new TokenPrices(1, 1)).build());
        assertThat(stage.free(stage.payer)).isEqualTo(999);
        stage.lock(stage.terms(1000)
                .caps(1000, 1000)
                .ceiling(new TokenPrices(50_000, 100_001))
                .build());
        assertThat(stage.free(stage.payer)).isEqualTo(999 - 151);
    }

    @Test
    default void aLockTakesNoMoreThanIsFree(LedgerStage stage) {
        stage.deposit(stage.payer, 400);
        refusedLock(stage, INSUFFICIENT_CREDITS, stage.terms(401).build());
        stage.locked(400);
        refusedLock(stage, INSUFFICIENT_CREDITS, stage.terms(1).build());
    }

    @Test
    default void aJobMayCostNothing(LedgerStage stage) {
        JobId job = stage.locked(0);
        stage.settle(job, stage.worker("A"), 0);
        stage.pass(61);
        stage.close(job);
    }

    @Test
    default void aLockIsTakenUntilTheSecondItIsValid(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Instant now = stage.now();
        stage.lock(stage.terms(1).validUntil(now).build());
        refusedLock(
                stage,
                DEADLINE_EXCEEDED,
                stage.terms(1).validUntil(now.minusSeconds(1)).build());
    }

    @Test
    default void aLockIsValidForAMinuteAtMost(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Instant now = stage.now();
        stage.lock(stage.terms(1).validUntil(now.plusSeconds(60)).build());
        refusedLock(
                stage,
                DEADLINE_EXCEEDED,
                stage.terms(1).validUntil(now.plusSeconds(61)).build());
    }

    @Test
    default void aTimeoutLiesBetween30And3600Seconds(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        refusedLock(stage, INVALID_REQUEST, stage.terms(1).timeoutSeconds(29).build());
        refusedLock(stage, INVALID_REQUEST, stage.terms(1).timeoutSeconds(3601).build());
        refusedLock(stage, INVALID_REQUEST, stage.terms(1).timeoutSeconds(0).build());
        for (int timeout : new int[] {30, 3600}) {
            Terms terms = stage.terms(1).timeoutSeconds(timeout).build();
            stage.lock(terms);
            assertThat(stage.job(terms.jobId()).status().refundAfter())
                    .isEqualTo(stage.now().plusSeconds(timeout));
        }
    }

    @Test
    default void termsForAnotherLedgerAreRefused(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        LedgerId other = LedgerId.embedded(stage.stranger.account(), Bytes.zeros(32));
        refusedLock(stage, INVALID_REQUEST, stage.terms(1).ledger(other).build());
    }

    @Test
    default void anUnknownProofSchemeIsRefused(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        refusedLock(stage, INVALID_REQUEST, stage.terms(1).proofScheme(7_777).build());
    }

    @Test
    default void lockSignerAndOrchestratorBothSign(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(1).build();
        for (Signer[] pair : new Signer[][] {
            {stage.stranger, stage.orchestrator},
            {stage.payer, stage.stranger},
            {stage.payer, stage.payer},
            {stage.orchestrator, stage.orchestrator}
        }) {
            stage.refused(FORBIDDEN, () -> stage.ledger.escrows().lock(stage.write(), terms, pair[0], pair[1]));
        }
        stage.lock(terms);
    }

    @Test
    default void aPayerMayBeItsOwnOrchestrator(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(1).orchestrator(stage.payer.account()).build();
        stage.ledger.escrows().lock(stage.write(), terms, stage.payer, stage.payer);
        assertThat(stage.funds(terms.jobId()).remaining()).isEqualTo(1);
    }

    @Test
    default void aJobIsLockedOnce(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(1).timeoutSeconds(30).build();
        stage.lock(terms);
        refusedLock(stage, CONFLICT, terms);
        stage.pass(30);
        refusedLock(stage, CONFLICT, terms);
        stage.pass(1);
        stage.close(terms.jobId());
        refusedLock(stage, DEADLINE_EXCEEDED, terms);
    }

    /** Terms differ in any byte, jobs differ: nobody can take the id of somebody's coming job. */
    @Test
    default void aNonceMakesAnotherJob(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId first = stage.locked(10);
        JobId second = stage.locked(10);
        assertThat(first).isNotEqualTo(second);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(980, 20, 0, 0));
    }

    @Test
    default void aKeyOfSmallOrderPaysForNothing(LedgerStage stage) {
        for (Account key : LedgerStage.SMALL_ORDER) {
            Terms terms = stage.terms(0).payer(key, stage.spender.account()).build();
            refusedLock(stage, INVALID_REQUEST, terms);
        }
    }

    private static void refusedLock(LedgerStage stage, ErrorCode code, Terms terms) {
        stage.refused(code, () -> stage.lock(terms));
        if (code != CONFLICT && code != DEADLINE_EXCEEDED) {
            assertThat(stage.ledger.escrows().find(terms.jobId())).isEmpty();
        }
    }
}
