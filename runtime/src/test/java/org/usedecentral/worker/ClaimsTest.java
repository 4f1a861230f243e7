package org.usedecentral.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.ledger.EscrowedJob.State;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.time.TurnedTimers;

/** When a worker cashes a voucher, and when it does not. */
final class ClaimsTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final WorkerStage stage = WorkerStage.of();
    private final Claims claims = new Claims(stage);
    private final Terms terms = Terms.builder()
            .ledger(stage.ledger().id())
            .payer(WorkerStage.OTHER.account(), WorkerStage.OTHER.account())
            .orchestrator(WorkerStage.ORCHESTRATOR.account())
            .nonce(WorkerStage.filled(6))
            .requestCommitment(WorkerStage.filled(7))
            .caps(100, 50)
            .ceiling(new TokenPrices(1_000_000, 1_000_000))
            .validUntil(TurnedTimers.START)
            .proofScheme(1)
            .build();

    private SignedVoucher voucher(long price) {
        Ed25519.KeyPair orchestrator = WorkerStage.ORCHESTRATOR;
        Voucher voucher = Voucher.of(terms.jobId(), WorkerStage.WORKER.account(), 1, price == 0 ? 0 : 10, price);
        return new SignedVoucher(voucher, orchestrator.sign(voucher.encoded()));
    }

    private void locked(Duration left, long remaining, Optional<Account> settledBy) {
        stage.ledger()
                .put(new EscrowedJob(
                        terms,
                        new TransactionId(WorkerStage.filled(8)),
                        new EscrowedJob.Status(
                                State.LOCKED, stage.timers().now().plus(left), Optional.empty()),
                        new EscrowedJob.Funds(remaining, 0, Map.of()),
                        settledBy.map(worker -> new EscrowedJob.Settled(
                                worker,
                                worker,
                                5,
                                new EscrowedJob.Split(5, 0, 0),
                                new TransactionId(WorkerStage.filled(9))))));
    }

    private void assertClaims(int count) {
        assertThat(stage.ledger().writes()).hasSize(count).allMatch(write -> write.startsWith("claim "));
    }

    @Test
    void aJobThatNobodySettlesIsClaimedBeforeItsEscrowEnds() {
        locked(Duration.ofMinutes(2), 100, Optional.empty());
        claims.watch(voucher(7));
        assertThat(claims.pending()).isEqualTo(new Claims.Pending(1, 7));
        stage.timers().turn(Duration.ofSeconds(100));
        assertClaims(0);
        stage.timers().turn(INTERVAL);
        assertClaims(1);
        assertThat(claims.pending()).isEqualTo(new Claims.Pending(0, 0));
        stage.timers().turn(Duration.ofHours(1));
        assertClaims(1);
        assertThat(stage.timers().alarms()).isZero();
    }

    @Test
    void aJobThatAnotherWorkerSettledIsClaimedAtTheNextLook() {
        locked(Duration.ofMinutes(2), 100, Optional.of(WorkerStage.OTHER.account()));
        claims.watch(voucher(7));
        stage.timers().turn(INTERVAL);
        assertClaims(1);
    }

    @Test
    void itsOwnSettlementAndAnEmptyEscrowAreNotClaimed() {
        locked(Duration.ofMinutes(2), 100, Optional.of(WorkerStage.WORKER.account()));
        claims.watch(voucher(7));
        stage.timers().turn(INTERVAL);
        locked(Duration.ofSeconds(1), 0, Optional.empty());
        stage.timers().turn(INTERVAL);
        assertClaims(0);
        assertThat(claims.pending().count()).isZero();
    }

    @Test
    void aJobTheLedgerDoesNotKnowIsForgotten() {
        claims.watch(voucher(7));
        stage.timers().turn(INTERVAL);
        assertThat(stage.timers().alarms()).isZero();
        assertThat(claims.pending().count()).isZero();
    }

    @Test
    void aVoucherOfNothingIsNotWatched() {
        claims.watch(voucher(0));
        claims.claimNow(voucher(0));
        assertThat(stage.timers().alarms()).isZero();
        assertThat(claims.pending().count()).isZero();
    }

    @Test
    void aLedgerThatIsDownIsAskedAgain() {
        locked(Duration.ofMinutes(2), 100, Optional.of(WorkerStage.OTHER.account()));
        stage.ledger().down(true);
        claims.watch(voucher(7));
        stage.timers().turn(Duration.ofMinutes(1));
        assertClaims(0);
        assertThat(claims.pending().count()).isEqualTo(1);
        stage.ledger().down(false);
        stage.timers().turn(INTERVAL);
        assertClaims(1);
    }

    @Test
    void aClaimThatIsRefusedForGoodIsNotRepeatedAndOneThatMayYetGoWellIs() {
        locked(Duration.ofSeconds(5), 100, Optional.empty());
        stage.ledger().refuse("claim", ErrorCode.CONFLICT);
        claims.watch(voucher(7));
        stage.timers().turn(Duration.ofMinutes(5));
        assertThat(stage.ledger().failures()).hasSize(1);
        stage.ledger().refuse("claim", ErrorCode.OUTCOME_UNKNOWN);
        claims.watch(voucher(7));
        stage.timers().turn(INTERVAL.multipliedBy(3));
        assertThat(stage.ledger().failures()).hasSize(4);
    }

    @Test
    void afterCloseNothingIsWatched() {
        claims.close();
        claims.watch(voucher(7));
        assertThat(stage.timers().alarms()).isZero();
    }
}
