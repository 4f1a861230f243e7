package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.DEADLINE_EXCEEDED;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.INSUFFICIENT_CREDITS;
import static org.usedecentral.spi.ErrorCode.INVALID_REQUEST;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.CreditAccounts.Deposit;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.SignedMessage;

/** Deposits, withdrawals, and the messages payers sign. */
interface CreditContract {
    @Test
    default void anAccountTheLedgerHasNotSeenHasNothing(LedgerStage stage) {
        assertThat(stage.balance(stage.stranger)).isEqualTo(new Balance(0, 0, 0, 0));
    }

    @Test
    default void aDepositCredits(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.deposit(stage.payer, 1);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(1001, 0, 0, 0));
        assertThat(stage.free(stage.stranger)).isZero();
    }

    @Test
    default void onlyTheOperatorDeposits(LedgerStage stage) {
        Deposit deposit = new Deposit(stage.payer.account(), 1000, "own pocket");
        stage.refused(FORBIDDEN, () -> stage.ledger.credits().deposit(stage.write(), stage.payer, deposit));
    }

    @Test
    default void aDepositIsAboveZero(LedgerStage stage) {
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.payer.account(), 0, "nothing"));
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.payer.account(), -1, "less"));
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.payer.account(), Long.MIN_VALUE, "least"));
        stage.deposit(stage.payer, 1);
    }

    @Test
    default void aDepositNeedsAReference(LedgerStage stage) {
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.payer.account(), 1, ""));
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.payer.account(), 1, "x".repeat(5_000)));
    }

    @Test
    default void aReferenceIsCreditedOnce(LedgerStage stage) {
        stage.deposit(stage.payer.account(), 5, "wire 1");
        refusedDeposit(stage, CONFLICT, new Deposit(stage.payer.account(), 5, "wire 1"));
        refusedDeposit(stage, CONFLICT, new Deposit(stage.stranger.account(), 7, "wire 1"));
        stage.deposit(stage.payer.account(), 5, "wire 2");
        assertThat(stage.free(stage.payer)).isEqualTo(10);
    }

    @Test
    default void aRefusedDepositLeavesItsReference(LedgerStage stage) {
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.payer.account(), 0, "wire"));
        stage.deposit(stage.payer.account(), 5, "wire");
    }

    /** What belongs to nobody is never credited: anyone could sign for it. */
    @Test
    default void keysOfSmallOrderAreNotCredited(LedgerStage stage) {
        for (Account key : LedgerStage.SMALL_ORDER) {
            refusedDeposit(stage, INVALID_REQUEST, new Deposit(key, 100, "to " + key));
        }
    }

    @Test
    default void depositsTogetherFit63Bits(LedgerStage stage) {
        stage.deposit(stage.payer, 10);
        refusedDeposit(stage, INVALID_REQUEST, new Deposit(stage.stranger.account(), Long.MAX_VALUE, "too much"));
        assertThat(stage.free(stage.payer)).isEqualTo(10);
    }

    private static void refusedDeposit(LedgerStage stage, ErrorCode code, Deposit deposit) {
        stage.refused(code, () -> stage.ledger.credits().deposit(stage.write(), stage.operator, deposit));
    }

    @Test
    default void aWithdrawalTakesFreeCredits(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.withdraw(stage.payer, 400);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(600, 0, 0, 1));
        stage.withdraw(stage.payer, 600);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(0, 0, 0, 2));
    }

    @Test
    default void aWithdrawalTakesNoMoreThanIsFree(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        refusedMessage(stage, INSUFFICIENT_CREDITS, stage.withdrawal(stage.payer, 601));
        stage.settle(job, stage.worker("A"), 400);
        refusedMessage(stage, INSUFFICIENT_CREDITS, stage.withdrawal(stage.payoutOf(stage.worker("A")), 1));
        stage.withdraw(stage.payer, 600);
    }

    @Test
    default void aWithdrawalIsAboveZeroAndGoesSomewhere(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        refusedMessage(stage, INVALID_REQUEST, stage.withdrawal(stage.payer, 0));
        PayerMessage nowhere =
                PayerMessage.withdraw(stage.origin(stage.payer), 1, stage.now().plusSeconds(60), 10, "");
        refusedMessage(stage, INVALID_REQUEST, SignedMessage.of(nowhere, stage.payer));
    }

    @Test
    default void onlyTheOwnerWithdraws(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        PayerMessage message = stage.withdrawal(stage.payer, 10).message();
        refusedMessage(stage, FORBIDDEN, SignedMessage.of(message, stage.stranger));
        refusedMessage(stage, FORBIDDEN, new SignedMessage(message, Bytes.zeros(64)));
    }

    @Test
    default void aMessageForAnotherLedgerIsRefused(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        LedgerId other = LedgerId.embedded(stage.stranger.account(), Bytes.zeros(32));
        PayerMessage message = PayerMessage.withdraw(
                new PayerMessage.Origin(other, stage.payer.account()),
                1,
                stage.now().plusSeconds(60),
                10,
                "bank");
        refusedMessage(stage, INVALID_REQUEST, SignedMessage.of(message, stage.payer));
    }

    @Test
    default void aMessageForAnotherActionIsRefused(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        SignedMessage withdrawal = stage.withdrawal(stage.payer, 10);
        stage.refused(INVALID_REQUEST, () -> stage.ledger.credits().approve(withdrawal));
        stage.refused(INVALID_REQUEST, () -> stage.ledger.credits().revoke(withdrawal));
        SignedMessage approval = stage.approving(stage.approval(10, 10));
        refusedMessage(stage, INVALID_REQUEST, approval);
    }

    @Test
    default void aMessageHoldsUntilTheSecondItExpires(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Instant expires = stage.now().plusSeconds(10);
        SignedMessage first = withdrawal(stage, 1, expires);
        stage.pass(10);
        stage.withdraw(first);
        SignedMessage second = withdrawal(stage, 2, expires);
        stage.pass(1);
        refusedMessage(stage, DEADLINE_EXCEEDED, second);
    }

    @Test
    default void messagesAreTakenInOrder(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        Instant expires = stage.now().plusSeconds(60);
        refusedMessage(stage, CONFLICT, withdrawal(stage, 0, expires));
        refusedMessage(stage, CONFLICT, withdrawal(stage, 2, expires));
        refusedMessage(stage, CONFLICT, withdrawal(stage, Long.MAX_VALUE, expires));
        stage.withdraw(withdrawal(stage, 1, expires));
        refusedMessage(stage, CONFLICT, withdrawal(stage, 1, expires.plusSeconds(1)));
        stage.approve(stage.approval(10, 10));
        assertThat(stage.balance(stage.payer).sequence()).isEqualTo(2);
        refusedMessage(stage, CONFLICT, withdrawal(stage, 2, expires));
        stage.withdraw(withdrawal(stage, 3, expires));
    }

    @Test
    default void aRefusedMessageLeavesTheSequence(LedgerStage stage) {
        stage.deposit(stage.payer, 5);
        SignedMessage tooMuch = stage.withdrawal(stage.payer, 10);
        refusedMessage(stage, INSUFFICIENT_CREDITS, tooMuch);
        stage.deposit(stage.payer, 5);
        stage.withdraw(tooMuch);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(0, 0, 0, 1));
    }

    @Test
    default void aReplayedMessageMovesNothing(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        SignedMessage message = stage.withdrawal(stage.payer, 10);
        Committed first = stage.withdraw(message);
        LedgerStage.assertSame(stage.ledger.credits().withdraw(message), first);
        stage.withdraw(stage.payer, 20);
        stage.pass(1000);
        LedgerStage.assertSame(stage.ledger.credits().withdraw(message), first);
        assertThat(stage.balance(stage.payer)).isEqualTo(new Balance(970, 0, 0, 2));
    }

    private static SignedMessage withdrawal(LedgerStage stage, long sequence, Instant expires) {
        return SignedMessage.of(
                PayerMessage.withdraw(stage.origin(stage.payer), sequence, expires, 10, "bank"), stage.payer);
    }

    private static void refusedMessage(LedgerStage stage, ErrorCode code, SignedMessage message) {
        stage.refused(code, () -> stage.ledger.credits().withdraw(message));
    }
}
