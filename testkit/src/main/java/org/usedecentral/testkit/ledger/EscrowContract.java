package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.JobId;

/** Jobs from lock to close. */
interface EscrowContract {
    @Test
    default void aSettledJobPaysItsShares(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        assertThat(stage.free(stage.payer)).isEqualTo(600);
        stage.settle(job, worker, 200);
        assertThat(stage.funds(job).held()).isEqualTo(150);
        assertThat(stage.free(stage.orchestrator)).isEqualTo(10);
        assertThat(stage.treasury()).isEqualTo(40);
        stage.pass(61);
        stage.close(job);
        assertThat(stage.free(stage.payer)).isEqualTo(800);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
    }
}
