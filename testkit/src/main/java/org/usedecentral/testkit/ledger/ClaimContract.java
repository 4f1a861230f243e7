package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.DEADLINE_EXCEEDED;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;
import static org.usedecentral.spi.ErrorCode.NOT_FOUND;
import static org.usedecentral.spi.ErrorCode.PROOF_INVALID;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.Voucher;

/** Claim: a worker cashes what the orchestrator acknowledged. */
interface ClaimContract {
    @Test
    default void aVoucherIsPaidAtOnce(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 200);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
        assertThat(stage.free(stage.orchestrator)).isEqualTo(10);
        assertThat(stage.treasury()).isEqualTo(40);
        assertThat(stage.job(job).status().state()).isEqualTo(EscrowedJob.State.LOCKED);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(200, 0, Map.of(worker.account(), 200L)));
        assertThat(stage.balance(stage.payer).locked()).isEqualTo(200);
    }

    @Test
    default void aNewerVoucherPaysTheDifference(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 100);
        stage.claim(job, worker, 140);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(260, 0, Map.of(worker.account(), 140L)));
        assertThat(stage.free(stage.payout(worker))).isEqualTo(105);
        stage.refused(CONFLICT, () -> stage.claim(job, worker, 140));
        stage.refused(CONFLICT, () -> stage.claim(job, worker, 100));
    }

    /** Each claim is split by itself: what a share loses in rounding is the treasury's, not the payer's. */
    @Test
    default void theSmallestClaimIsAllTheTreasurys(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 1);
        stage.claim(job, worker, 2);
        assertThat(stage.free(stage.payout(worker))).isZero();
        assertThat(stage.treasury()).isEqualTo(2);
        assertThat(stage.funds(job).remaining()).isEqualTo(398);
    }

    @Test
    default void aClaimTakesWhatRemains(LedgerStage stage) {
        Signer worker = stage.worker("A");
        Signer other = stage.worker("B");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 300);
        stage.claim(job, other, 250);
        assertThat(stage.funds(job))
                .isEqualTo(new EscrowedJob.Funds(0, 0, Map.of(worker.account(), 300L, other.account(), 100L)));
        assertThat(stage.free(stage.payout(other))).isEqualTo(75);
        stage.refused(CONFLICT, () -> stage.claim(job, other, 260));
        assertThat(stage.free(stage.payer)).isEqualTo(600);
    }

    @Test
    default void aVoucherAboveTheLockIsWorthTheLock(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        Voucher voucher = Voucher.of(job, worker.account(), 0, 1, Long.MAX_VALUE);
        stage.ledger
                .escrows()
                .claim(stage.write(), new SignedVoucher(voucher, stage.orchestrator.sign(voucher.encoded())), worker);
        assertThat(stage.funds(job).remaining()).isZero();
        assertThat(stage.free(stage.payer)).isEqualTo(600);
    }

    @Test
    default void vouchersAreCashedUntilTheSecondOfTheRefund(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.pass(120);
        stage.claim(job, worker, 100);
        stage.pass(1);
        stage.refused(DEADLINE_EXCEEDED, () -> stage.claim(job, worker, 200));
    }

    @Test
    default void theOrchestratorClaimsOnceForEachWorker(LedgerStage stage) {
        Signer worker = stage.worker("A");
        Signer other = stage.worker("B");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 50);
        stage.claim(job, worker, 100, stage.orchestrator);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(37 + 37);
        stage.refused(CONFLICT, () -> stage.claim(job, worker, 150, stage.orchestrator));
        stage.claim(job, other, 10, stage.orchestrator);
        stage.claim(job, worker, 150);
        assertThat(stage.funds(job).paid()).isEqualTo(Map.of(worker.account(), 150L, other.account(), 10L));
    }

    @Test
    default void nobodyElseClaims(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        for (Signer claimant : new Signer[] {
            stage.payer, stage.worker("B"), stage.stranger, stage.owner(worker), stage.payoutOf(worker)
        }) {
            stage.refused(FORBIDDEN, () -> stage.claim(job, worker, 100, claimant));
        }
    }

    @Test
    default void onlyTheJobsOrchestratorAcknowledges(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        Voucher voucher = Voucher.of(job, worker.account(), 0, 100, 100);
        Voucher dearer = Voucher.of(job, worker.account(), 0, 100, 101);
        for (SignedVoucher bad : new SignedVoucher[] {
            new SignedVoucher(voucher, worker.sign(voucher.encoded())),
            new SignedVoucher(voucher, stage.payer.sign(voucher.encoded())),
            new SignedVoucher(dearer, stage.orchestrator.sign(voucher.encoded())),
            new SignedVoucher(voucher, Bytes.zeros(64))
        }) {
            stage.refused(PROOF_INVALID, () -> stage.ledger.escrows().claim(stage.write(), bad, worker));
        }
        stage.ledger
                .escrows()
                .claim(stage.write(), new SignedVoucher(voucher, stage.orchestrator.sign(voucher.encoded())), worker);
    }

    @Test
    default void anAssignmentIsWorthNothing(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.refused(INVALID_REQUEST, () -> stage.claim(job, worker, 0));
    }

    @Test
    default void jobAndClaimantMustBeKnown(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Terms never = stage.terms(400).build();
        stage.refused(NOT_FOUND, () -> stage.claim(never.jobId(), stage.worker("A"), 100));
        JobId job = stage.locked(400);
        stage.refused(NOT_FOUND, () -> stage.claim(job, stage.stranger, 100));
    }

    @Test
    default void aRetiredWorkerStillClaims(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.ledger.workers().retire(stage.write(), worker.account(), stage.owner(worker));
        stage.claim(job, worker, 200);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
    }

    @Test
    default void aClaimGoesWhereThePayoutIsNow(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 100);
        stage.ledger.workers().update(stage.write(), worker.account(), stage.stranger.account(), stage.owner(worker));
        stage.claim(job, worker, 200);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(75);
        assertThat(stage.free(stage.stranger)).isEqualTo(75);
    }

    @Test
    default void theSettledWorkerClaimsNoMore(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 100);
        stage.refused(CONFLICT, () -> stage.claim(job, worker, 200));
        stage.refused(CONFLICT, () -> stage.claim(job, worker, 200, stage.orchestrator));
    }

    @Test
    default void otherWorkersClaimFromTheRemainderInTheGraceWindow(LedgerStage stage) {
        Signer worker = stage.worker("A");
        Signer other = stage.worker("B");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 300);
        stage.pass(20);
        stage.claim(job, other, 250);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(0, 225, Map.of(other.account(), 100L)));
        assertThat(stage.free(stage.payout(other))).isEqualTo(75);
        stage.refused(CONFLICT, () -> stage.claim(job, other, 400));
    }

    @Test
    default void theGraceWindowEnds(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, stage.worker("A"), 100);
        stage.pass(21);
        stage.refused(DEADLINE_EXCEEDED, () -> stage.claim(job, stage.worker("B"), 100));
    }

    @Test
    default void aFourthWorkerTakesThePlaceOfTheSmallest(LedgerStage stage) {
        Signer a = stage.worker("A");
        Signer b = stage.worker("B");
        Signer c = stage.worker("C");
        Signer d = stage.worker("D");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, a, 20);
        stage.claim(job, b, 10, stage.orchestrator);
        stage.claim(job, c, 30);
        stage.claim(job, d, 5);
        assertThat(stage.funds(job).paid()).isEqualTo(Map.of(a.account(), 20L, c.account(), 30L, d.account(), 5L));
        // B is forgotten, and with it that the orchestrator claimed for it.
        stage.claim(job, b, 10, stage.orchestrator);
        assertThat(stage.funds(job).paid()).isEqualTo(Map.of(a.account(), 20L, c.account(), 30L, b.account(), 10L));
    }

    @Test
    default void ofEqualsTheOneFirstPaidIsForgotten(LedgerStage stage) {
        Signer a = stage.worker("A");
        Signer b = stage.worker("B");
        Signer c = stage.worker("C");
        Signer d = stage.worker("D");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, c, 10);
        stage.claim(job, a, 5);
        stage.claim(job, b, 10);
        stage.claim(job, a, 10);
        stage.claim(job, d, 50);
        assertThat(stage.funds(job).paid()).isEqualTo(Map.of(a.account(), 10L, b.account(), 10L, d.account(), 50L));
    }
}
