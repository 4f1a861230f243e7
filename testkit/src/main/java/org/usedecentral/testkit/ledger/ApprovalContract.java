package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.INSUFFICIENT_CREDITS;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;
import static org.usedecentral.spi.ErrorCode.NOT_FOUND;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Approval;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.Terms;

/** What a spender may lock, and what counts as spent. */
interface ApprovalContract {
    @Test
    default void anApprovalStandsAsItWasSigned(LedgerStage stage) {
        assertThat(stage.ledger.credits().approval(stage.payer.account(), stage.spender.account()))
                .isEmpty();
        ApprovalTerms terms = stage.approval(100, 500);
        stage.approve(terms);
        assertThat(stage.approved()).isEqualTo(new Approval(terms, 1, 0, false));
        assertThat(stage.ledger.credits().approval(stage.spender.account(), stage.payer.account()))
                .isEmpty();
    }

    @Test
    default void aLaterApprovalReplacesAllButWhatWasSpent(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(100, 500));
        stage.lock(stage.spenderTerms(100).build());
        ApprovalTerms narrower = stage.approval(50, 120);
        stage.approve(narrower);
        assertThat(stage.approved()).isEqualTo(new Approval(narrower, 2, 100, false));
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(21).build());
        stage.lock(stage.spenderTerms(20).build());
    }

    @Test
    default void aLimitMayFallBelowWhatWasSpent(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(100, 500));
        stage.lock(stage.spenderTerms(100).build());
        stage.approve(stage.approval(100, 10));
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
        assertThat(stage.spent()).isEqualTo(100);
    }

    @Test
    default void aRevokedApprovalStopsNewLocksOnly(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        ApprovalTerms terms = stage.approval(100, 500);
        stage.approve(terms);
        Terms job = stage.spenderTerms(100).build();
        stage.lock(job);
        stage.revoke();
        assertThat(stage.approved()).isEqualTo(new Approval(terms, 2, 100, true));
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
        stage.settle(job.jobId(), stage.worker("A"), 40);
        stage.pass(21);
        stage.refund(job.jobId());
        assertThat(stage.approved()).isEqualTo(new Approval(terms, 2, 40, true));
        stage.approve(terms);
        assertThat(stage.approved()).isEqualTo(new Approval(terms, 3, 40, false));
        stage.lock(stage.spenderTerms(100).build());
    }

    @Test
    default void whatWasNeverApprovedCannotBeRevoked(LedgerStage stage) {
        stage.refused(NOT_FOUND, stage::revoke);
    }

    @Test
    default void onlyThePayerApproves(LedgerStage stage) {
        SignedMessage genuine = stage.approving(stage.approval(100, 500));
        stage.refused(
                FORBIDDEN, () -> stage.ledger.credits().approve(SignedMessage.of(genuine.message(), stage.spender)));
    }

    @Test
    default void aKeyOfSmallOrderIsNoSpender(LedgerStage stage) {
        for (Account key : LedgerStage.SMALL_ORDER) {
            ApprovalTerms terms = new ApprovalTerms(
                    key, Account.NONE, new ApprovalTerms.Caps(1, 1), stage.now().plusSeconds(60), false);
            stage.refused(INVALID_REQUEST, () -> stage.approve(terms));
        }
    }

    @Test
    default void aSpenderLocksWhatThePayerApproved(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(100, 150));
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(101).build());
        stage.lock(stage.spenderTerms(100).build());
        assertThat(stage.spent()).isEqualTo(100);
        assertThat(stage.free(stage.payer)).isEqualTo(900);
        assertThat(stage.balance(stage.payer).locked()).isEqualTo(100);
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(51).build());
        stage.lock(stage.spenderTerms(50).build());
        assertThat(stage.spent()).isEqualTo(150);
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
    }

    @Test
    default void theLargestCapsDoNotOverflow(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(Long.MAX_VALUE, Long.MAX_VALUE));
        stage.lock(stage.spenderTerms(600).build());
        stage.lock(stage.spenderTerms(400).build());
        assertThat(stage.spent()).isEqualTo(1000);
        refusedLock(stage, INSUFFICIENT_CREDITS, stage.spenderTerms(1).build());
    }

    @Test
    default void aSpenderWithoutApprovalLocksNothing(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
        ApprovalTerms another = new ApprovalTerms(
                stage.stranger.account(),
                Account.NONE,
                new ApprovalTerms.Caps(100, 100),
                stage.now().plusSeconds(60),
                false);
        stage.approve(another);
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
    }

    @Test
    default void anApprovalHoldsUntilTheSecondItExpires(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(100, 500));
        stage.pass(3600);
        stage.lock(stage.spenderTerms(1).build());
        stage.pass(1);
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
    }

    @Test
    default void anApprovalMayNameTheOrchestrator(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(approvalFor(stage, stage.stranger.account()));
        refusedLock(stage, FORBIDDEN, stage.spenderTerms(1).build());
        stage.approve(approvalFor(stage, stage.orchestrator.account()));
        stage.lock(stage.spenderTerms(1).build());
    }

    private static ApprovalTerms approvalFor(LedgerStage stage, Account orchestrator) {
        return new ApprovalTerms(
                stage.spender.account(),
                orchestrator,
                new ApprovalTerms.Caps(100, 100),
                stage.now().plusSeconds(60),
                true);
    }

    @Test
    default void whatReturnsIsNotSpent(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(400, 400));
        Terms refunded = stage.spenderTerms(100).build();
        Terms closed = stage.spenderTerms(200).build();
        stage.lock(refunded);
        stage.lock(closed);
        stage.claim(refunded.jobId(), stage.worker("A"), 30);
        stage.settle(closed.jobId(), stage.worker("B"), 50);
        assertThat(stage.spent()).isEqualTo(300);
        stage.pass(121);
        stage.refund(refunded.jobId());
        assertThat(stage.spent()).isEqualTo(230);
        stage.close(closed.jobId());
        assertThat(stage.spent()).isEqualTo(80);
        stage.close(refunded.jobId());
        assertThat(stage.spent()).isEqualTo(80);
    }

    @Test
    default void thePayersOwnJobsNeedNoApprovalAndAreNotSpent(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.approve(stage.approval(10, 10));
        stage.locked(900);
        assertThat(stage.spent()).isZero();
        stage.pass(121);
    }

    private static void refusedLock(LedgerStage stage, ErrorCode code, Terms terms) {
        stage.refused(code, () -> stage.lock(terms));
    }
}
