package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.ledger.CreditAccounts.Deposit;

/** Deposits, withdrawals, approvals. */
interface CreditContract {
    @Test
    default void anAccountTheLedgerHasNotSeenHasNothing(LedgerStage stage) {
        assertThat(stage.ledger.credits().balance(stage.stranger.account())).isEqualTo(new Balance(0, 0, 0, 0));
    }

    @Test
    default void aDepositCredits(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        stage.deposit(stage.payer, 1);
        assertThat(stage.free(stage.payer)).isEqualTo(1001);
    }

    @Test
    default void onlyTheOperatorDeposits(LedgerStage stage) {
        Deposit deposit = new Deposit(stage.payer.account(), 1000, "own pocket");
        stage.refused(ErrorCode.FORBIDDEN, () -> stage.ledger.credits().deposit(stage.write(), stage.payer, deposit));
    }

    @Test
    default void aReferenceIsCreditedOnce(LedgerStage stage) {
        Deposit deposit = new Deposit(stage.payer.account(), 0x10, "wire 1");
        stage.deposit(stage.payer, 5);
        stage.refused(
                ErrorCode.INVALID_REQUEST,
                () -> stage.ledger
                        .credits()
                        .deposit(stage.write(), stage.operator, new Deposit(deposit.account(), 0, "wire 0")));
    }
}
