package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.DEADLINE_EXCEEDED;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.NOT_FOUND;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;

/** Expire, refund, close, and what downtime does to their deadlines. */
interface ClosingContract {
    @Test
    default void anExpiredJobPaysVouchersForTheGraceWindow(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.pass(5);
        Instant now = stage.now();
        stage.expire(job);
        assertThat(stage.job(job).status().refundAfter()).isEqualTo(now.plusSeconds(20));
        assertThat(stage.job(job).status().state()).isEqualTo(EscrowedJob.State.LOCKED);
        stage.pass(20);
        stage.claim(job, worker, 100);
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.pass(1);
        stage.refused(DEADLINE_EXCEEDED, () -> stage.claim(job, worker, 200));
        stage.refund(job);
        assertThat(stage.free(stage.payer)).isEqualTo(900);
    }

    @Test
    default void expireNeverPutsTheRefundOff(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        Instant refundAfter = stage.job(job).status().refundAfter();
        stage.pass(100);
        stage.expire(job);
        assertThat(stage.job(job).status().refundAfter()).isEqualTo(refundAfter);
        stage.pass(1);
        stage.expire(job);
        assertThat(stage.job(job).status().refundAfter()).isEqualTo(refundAfter);
        stage.pass(100);
        stage.expire(job);
        assertThat(stage.job(job).status().refundAfter()).isEqualTo(refundAfter);
    }

    @Test
    default void onlyTheOrchestratorExpires(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        for (Signer signer : new Signer[] {stage.payer, stage.worker("A"), stage.stranger}) {
            stage.refused(FORBIDDEN, () -> stage.ledger.escrows().expire(stage.write(), job, signer));
        }
        stage.expire(job);
    }

    @Test
    default void theRemainderReturnsAfterTheDeadline(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, stage.worker("A"), 150);
        stage.pass(120);
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.pass(1);
        stage.refund(job);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(850, 0, 0, 0));
        assertThat(stage.job(job).status().state()).isEqualTo(EscrowedJob.State.LOCKED);
        assertThat(stage.funds(job).remaining()).isZero();
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.refused(DEADLINE_EXCEEDED, () -> stage.claim(job, stage.worker("B"), 10));
        stage.refused(DEADLINE_EXCEEDED, () -> stage.settle(job, stage.worker("B"), 10));
    }

    @Test
    default void aSettledJobsRemainderReturnsAfterTheGraceWindow(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 100);
        stage.pass(20);
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.pass(1);
        stage.refund(job);
        assertThat(stage.free(stage.payer)).isEqualTo(900);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(0, 75, Map.of()));
        stage.refused(CONFLICT, () -> stage.close(job));
    }

    @Test
    default void aFullyPaidJobHasNothingToRefund(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, stage.worker("A"), 400);
        stage.pass(121);
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.close(job);
    }

    @Test
    default void anUnsettledJobClosesAfterItsDeadline(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, stage.worker("A"), 150);
        stage.pass(120);
        stage.refused(CONFLICT, () -> stage.close(job));
        stage.pass(1);
        stage.close(job);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(850, 0, 0, 0));
        assertThat(stage.job(job).status().state()).isEqualTo(EscrowedJob.State.CLOSED);
        assertThat(stage.funds(job).remaining()).isZero();
    }

    @Test
    default void aSettledJobClosesAfterTheDisputeWindow(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 200);
        stage.pass(60);
        stage.refused(CONFLICT, () -> stage.close(job));
        stage.pass(1);
        stage.close(job);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(800, 0, 0, 0));
        assertThat(stage.balance(stage.payoutOf(worker))).isEqualTo(new Balance(150, 0, 0, 0));
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(0, 0, Map.of()));
        assertThat(stage.job(job).settled().orElseThrow().price()).isEqualTo(200);
    }

    /** Or the same terms could be locked a second time on a ledger that forgets closed jobs. */
    @Test
    default void aJobStaysOpenWhileItsTermsAreValid(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(400)
                .timeoutSeconds(30)
                .validUntil(stage.now().plusSeconds(60))
                .build();
        stage.lock(terms);
        stage.expire(terms.jobId());
        stage.pass(31);
        stage.refused(CONFLICT, () -> stage.close(terms.jobId()));
        stage.pass(29);
        stage.refused(CONFLICT, () -> stage.close(terms.jobId()));
        stage.pass(1);
        stage.close(terms.jobId());
    }

    @Test
    default void aClosedJobIsOver(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.pass(121);
        stage.close(job);
        stage.refused(CONFLICT, () -> stage.close(job));
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.refused(CONFLICT, () -> stage.expire(job));
        stage.refused(CONFLICT, () -> stage.claim(job, worker, 100));
        stage.refused(CONFLICT, () -> stage.settle(job, worker, 100));
    }

    @Test
    default void anybodyRefundsAndCloses(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId first = stage.locked(100);
        JobId second = stage.locked(100);
        stage.pass(121);
        stage.ledger.escrows().refund(stage.write(), first, stage.party("passer-by"));
        stage.ledger.escrows().close(stage.write(), second, stage.party("another passer-by"));
        assertThat(stage.free(stage.payer)).isEqualTo(1000);
    }

    @Test
    default void whatWasNeverLockedIsNotFound(LedgerStage stage) {
        JobId job = stage.terms(1).build().jobId();
        stage.refused(NOT_FOUND, () -> stage.expire(job));
        stage.refused(NOT_FOUND, () -> stage.refund(job));
        stage.refused(NOT_FOUND, () -> stage.close(job));
    }

    @Test
    default void deadlinesNotPassedAreExtendedByDowntime(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId locked = stage.locked(300);
        JobId settled = stage.locked(300);
        Instant lockedUntil = stage.job(locked).status().refundAfter();
        stage.settle(settled, worker, 200);
        EscrowedJob.Status before = stage.job(settled).status();
        stage.pass(20);
        stage.restartAfter(Duration.ofHours(1));
        assertThat(stage.job(locked).status().refundAfter()).isEqualTo(lockedUntil.plusSeconds(3600));
        assertThat(stage.job(settled).status().refundAfter())
                .isEqualTo(before.refundAfter().plusSeconds(3600));
        assertThat(stage.job(settled).status().disputeUntil())
                .contains(before.disputeUntil().orElseThrow().plusSeconds(3600));
        stage.claim(settled, stage.worker("B"), 50);
        stage.pass(1);
        stage.refused(DEADLINE_EXCEEDED, () -> stage.claim(settled, stage.worker("B"), 60));
        stage.pass(99);
        stage.settle(locked, worker, 100);
    }

    @Test
    default void deadlinesPassedStayPassed(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId passed = stage.locked(300);
        JobId refunded = stage.locked(300);
        stage.pass(121);
        stage.refund(refunded);
        EscrowedJob.Status before = stage.job(passed).status();
        stage.restartAfter(Duration.ofMinutes(5));
        assertThat(stage.job(passed).status()).isEqualTo(before);
        assertThat(stage.job(refunded).status().refundAfter()).isEqualTo(before.refundAfter());
        stage.refused(DEADLINE_EXCEEDED, () -> stage.claim(passed, worker, 10));
        stage.close(passed);
        stage.close(refunded);
        assertThat(stage.free(stage.payer)).isEqualTo(1000);
    }

    @Test
    default void downtimeExtendsNeitherTermsNorApprovals(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(100, 100));
        Terms terms = stage.terms(10).build();
        stage.restartAfter(Duration.ofSeconds(3601));
        stage.refused(DEADLINE_EXCEEDED, () -> stage.lock(terms));
        stage.refused(FORBIDDEN, () -> stage.lock(stage.spenderTerms(10).build()));
    }

    @Test
    default void aRestartKeepsEverything(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(400, 400));
        Terms terms = stage.spenderTerms(400).build();
        stage.lock(terms);
        stage.claim(terms.jobId(), worker, 100);
        stage.settle(terms.jobId(), worker, 200);
        EscrowedJob job = stage.job(terms.jobId());
        Balance balance = stage.balance(stage.payer);
        stage.restartAfter(Duration.ZERO);
        assertThat(stage.job(terms.jobId())).isEqualTo(job);
        assertThat(stage.balance(stage.payer)).isEqualTo(balance);
        assertThat(stage.spent()).isEqualTo(400);
        assertThat(stage.ledger.workers().find(worker.account()).orElseThrow().reputation())
                .isEqualTo(5_015);
        stage.restartAfter(Duration.ofSeconds(50));
        stage.pass(61);
        stage.close(terms.jobId());
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
        assertThat(stage.spent()).isEqualTo(200);
    }
}
