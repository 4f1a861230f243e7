package org.usedecentral.testkit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.usedecentral.spi.ErrorCode.CONFLICT;
import static org.usedecentral.spi.ErrorCode.DEADLINE_EXCEEDED;
import static org.usedecentral.spi.ErrorCode.FORBIDDEN;
import static org.usedecentral.spi.ErrorCode.NOT_FOUND;
import static org.usedecentral.spi.ErrorCode.PROOF_INVALID;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.EscrowedJob.Split;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;

/** Settle: a proved price is paid and split. */
interface SettleContract {
    @Test
    default void aProvedPriceIsSplit(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.pass(7);
        Instant now = stage.now();
        Committed committed = stage.settle(job, worker, 200);
        assertThat(stage.free(stage.payer)).isEqualTo(600);
        assertThat(stage.free(stage.orchestrator)).isEqualTo(10);
        assertThat(stage.treasury()).isEqualTo(40);
        assertThat(stage.free(stage.payout(worker))).isZero();
        assertThat(stage.ledger.credits().balance(stage.payout(worker)).held()).isEqualTo(150);
        assertThat(stage.balance(stage.payer).locked()).isEqualTo(200);
        EscrowedJob settled = stage.job(job);
        assertThat(settled.status())
                .isEqualTo(new EscrowedJob.Status(
                        EscrowedJob.State.SETTLED, now.plusSeconds(20), Optional.of(now.plusSeconds(60))));
        assertThat(settled.funds()).isEqualTo(new EscrowedJob.Funds(200, 150, Map.of()));
        assertThat(settled.settled())
                .contains(new EscrowedJob.Settled(
                        worker.account(), stage.payout(worker), 200, new Split(150, 10, 40), committed.transaction()));
    }

    @Test
    default void sharesAreRoundedDownAndTheTreasuryHasTheRest(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        assertThat(splitOf(stage, 1)).isEqualTo(new Split(0, 0, 1));
        assertThat(splitOf(stage, 3)).isEqualTo(new Split(2, 0, 1));
        assertThat(splitOf(stage, 19)).isEqualTo(new Split(14, 0, 5));
        assertThat(splitOf(stage, 333)).isEqualTo(new Split(249, 16, 68));
        assertThat(splitOf(stage, 0)).isEqualTo(new Split(0, 0, 0));
    }

    private static Split splitOf(LedgerStage stage, long price) {
        JobId job = stage.locked(price);
        stage.settle(job, stage.worker("A"), price);
        return stage.job(job).settled().orElseThrow().split();
    }

    @Test
    default void aPriceUpToTheCeilingIsTaken(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        Terms terms = stage.terms(0)
                .caps(100, 300)
                .ceiling(new TokenPrices(500_000, 1_000_000))
                .build();
        stage.lock(terms);
        JobId job = terms.jobId();
        refusedStatement(
                stage, worker, stage.statement(job, worker, 0).tokens(101, 300).price(350));
        refusedStatement(
                stage, worker, stage.statement(job, worker, 0).tokens(100, 301).price(350));
        refusedStatement(
                stage, worker, stage.statement(job, worker, 0).tokens(100, 300).price(351));
        refusedStatement(
                stage, worker, stage.statement(job, worker, 0).tokens(7, 9).price(14));
        refusedStatement(
                stage, worker, stage.statement(job, worker, 0).tokens(0, 0).price(1));
        settle(stage, worker, stage.statement(job, worker, 0).tokens(7, 9).price(13));
        assertThat(stage.funds(job).remaining()).isEqualTo(350 - 13);
    }

    @Test
    default void theWholeLockMayBePaid(LedgerStage stage) {
        stage.deposit(stage.payer, 400);
        JobId job = stage.locked(400);
        stage.settle(job, stage.worker("A"), 400);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(0, 300, Map.of()));
    }

    @Test
    default void aStatementIsItsWorkersAndAboutThisRequest(LedgerStage stage) {
        Signer worker = stage.worker("A");
        Signer other = stage.worker("B");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        refusedStatement(stage, worker, stage.statement(job, worker, 200).requestCommitment(Bytes.zeros(32)));
        refusedStatement(stage, other, stage.statement(job, worker, 200));
        refusedStatement(stage, stage.orchestrator, stage.statement(job, worker, 200));
        Statement honest = stage.statement(job, worker, 100).build();
        Statement dearer = stage.statement(job, worker, 101).build();
        stage.refused(
                PROOF_INVALID,
                () -> stage.ledger
                        .escrows()
                        .settle(
                                stage.write(),
                                new SignedStatement(dearer, worker.sign(honest.encoded())),
                                stage.orchestrator));
        stage.settle(job, worker, 200);
    }

    @Test
    default void modelAttemptAndOutputAreTheWorkersWord(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        Statement statement = Statement.builder(job, worker.account(), 2)
                .requestCommitment(stage.job(job).terms().requestCommitment())
                .modelDigest(stage.stranger.account().key())
                .outputDigest(Bytes.zeros(32))
                .tokens(10, 400)
                .price(400)
                .build();
        stage.ledger.escrows().settle(stage.write(), LedgerStage.signed(statement, worker), stage.orchestrator);
        assertThat(stage.funds(job).held()).isEqualTo(300);
    }

    @Test
    default void onlyTheOrchestratorSettles(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        SignedStatement statement =
                LedgerStage.signed(stage.statement(job, worker, 200).build(), worker);
        for (Signer signer : new Signer[] {stage.payer, worker, stage.stranger, stage.operator}) {
            if (!signer.account().equals(stage.orchestrator.account())) {
                stage.refused(FORBIDDEN, () -> stage.ledger.escrows().settle(stage.write(), statement, signer));
            }
        }
    }

    @Test
    default void jobAndWorkerMustBeKnown(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        Terms never = stage.terms(400).build();
        Statement.Builder lost = Statement.builder(never.jobId(), worker.account(), 0)
                .requestCommitment(never.requestCommitment())
                .outputDigest(Bytes.zeros(32));
        stage.refused(NOT_FOUND, () -> settle(stage, worker, lost));
        JobId job = stage.locked(400);
        stage.refused(NOT_FOUND, () -> stage.settle(job, stage.stranger, 200));
    }

    @Test
    default void aJobIsSettledUntilTheSecondOfItsRefund(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId inTime = stage.locked(400);
        JobId late = stage.locked(400);
        stage.pass(120);
        stage.settle(inTime, worker, 200);
        assertThat(stage.job(inTime).status().refundAfter())
                .isEqualTo(stage.now().plusSeconds(20));
        stage.pass(1);
        stage.refused(DEADLINE_EXCEEDED, () -> stage.settle(late, worker, 200));
    }

    @Test
    default void aJobIsSettledOnce(LedgerStage stage) {
        Signer worker = stage.worker("A");
        Signer other = stage.worker("B");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 200);
        stage.refused(CONFLICT, () -> stage.settle(job, worker, 200));
        stage.refused(CONFLICT, () -> stage.settle(job, worker, 250));
        stage.refused(CONFLICT, () -> stage.settle(job, other, 100));
    }

    @Test
    default void priceZeroReleasesEverything(LedgerStage stage) {
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, stage.worker("A"), 0);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(400, 0, Map.of()));
        stage.pass(20);
        stage.refused(CONFLICT, () -> stage.refund(job));
        stage.pass(1);
        stage.refund(job);
        assertThat(stage.free(stage.payer)).isEqualTo(1000);
        assertThat(stage.treasury()).isZero();
    }

    @Test
    default void whatTheWorkerClaimedIsNotPaidAgain(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 100);
        stage.settle(job, worker, 300);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(100, 150, Map.of(worker.account(), 100L)));
        assertThat(stage.job(job).settled().orElseThrow().price()).isEqualTo(300);
        assertThat(stage.job(job).settled().orElseThrow().split()).isEqualTo(new Split(150, 10, 40));
        assertThat(stage.free(stage.payout(worker))).isEqualTo(75);
        assertThat(stage.free(stage.orchestrator)).isEqualTo(15);
        assertThat(stage.treasury()).isEqualTo(60);
    }

    @Test
    default void aPriceBelowWhatWasClaimedPaysNothingMore(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, worker, 100);
        stage.settle(job, worker, 60);
        assertThat(stage.funds(job)).isEqualTo(new EscrowedJob.Funds(300, 0, Map.of(worker.account(), 100L)));
        assertThat(stage.free(stage.payout(worker))).isEqualTo(75);
    }

    @Test
    default void noMoreIsPaidThanRemains(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.claim(job, stage.worker("B"), 300);
        stage.refused(CONFLICT, () -> stage.settle(job, worker, 101));
        stage.settle(job, worker, 100);
        assertThat(stage.funds(job).remaining()).isZero();
    }

    @Test
    default void aRetiredWorkerIsStillSettled(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.ledger.workers().retire(stage.write(), worker.account(), stage.owner(worker));
        stage.settle(job, worker, 200);
        stage.pass(61);
        stage.close(job);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
    }

    @Test
    default void theHeldShareGoesWhereItWentAtSettle(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 1000);
        JobId job = stage.locked(400);
        stage.settle(job, worker, 200);
        stage.ledger.workers().update(stage.write(), worker.account(), stage.stranger.account(), stage.owner(worker));
        stage.pass(61);
        stage.close(job);
        assertThat(stage.free(stage.payout(worker))).isEqualTo(150);
        assertThat(stage.free(stage.stranger)).isZero();
    }

    @Test
    default void settledJobsMoveTheReputation(LedgerStage stage) {
        Signer worker = stage.worker("A");
        stage.deposit(stage.payer, 100_000);
        stage.settle(stage.locked(5_000), worker, 1_000);
        assertThat(reputation(stage, worker)).isEqualTo(5_078);
        stage.settle(stage.locked(5_000), worker, 5_000);
        assertThat(reputation(stage, worker)).isEqualTo(5_154);
        stage.settle(stage.locked(5_000), worker, 200);
        assertThat(reputation(stage, worker)).isEqualTo(5_169);
        stage.settle(stage.locked(5_000), worker, 0);
        assertThat(reputation(stage, worker)).isEqualTo(5_169);
        stage.claim(stage.locked(5_000), worker, 1_000);
        assertThat(reputation(stage, worker)).isEqualTo(5_169);
    }

    /** Otherwise a worker would buy its reputation from itself for the routing fee. */
    @Test
    default void aWorkersOwnJobsDoNotMoveItsReputation(LedgerStage stage) {
        Signer key = stage.party("A");
        stage.deposit(stage.payer, 100_000);
        for (Signer self : new Signer[] {stage.payer, stage.spender, stage.orchestrator}) {
            Signer ownedBySelf = stage.party("owned by " + self.account());
            stage.register(new Registration(self.account(), ownedBySelf.account(), key.account()), self, ownedBySelf);
            Signer paidToSelf = stage.party("paid to " + self.account());
            stage.register(new Registration(key.account(), paidToSelf.account(), self.account()), key, paidToSelf);
            stage.register(new Registration(key.account(), self.account(), key.account()), key, self);
            for (Signer worker : new Signer[] {ownedBySelf, paidToSelf, self}) {
                stage.approve(stage.approval(1_000, 100_000));
                Terms terms = stage.spenderTerms(1_000).build();
                stage.lock(terms);
                stage.settle(terms.jobId(), worker, 1_000);
                assertThat(reputation(stage, worker)).isEqualTo(5_000);
            }
        }
    }

    private static int reputation(LedgerStage stage, Signer worker) {
        return stage.ledger.workers().find(worker.account()).orElseThrow().reputation();
    }

    private static void settle(LedgerStage stage, Signer worker, Statement.Builder statement) {
        Committed committed = stage.ledger
                .escrows()
                .settle(stage.write(), LedgerStage.signed(statement.build(), worker), stage.orchestrator);
        assertThat(committed.transaction()).isNotNull();
    }

    private static void refusedStatement(LedgerStage stage, Signer signer, Statement.Builder statement) {
        stage.refused(PROOF_INVALID, () -> settle(stage, signer, statement));
    }
}
