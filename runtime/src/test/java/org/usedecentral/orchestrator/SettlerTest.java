package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.time.TurnedTimers;

@Timeout(60)
final class SettlerTest {
    private final Path folder;
    private final Stage stage;
    private final Terms terms;
    private final JobId job;

    SettlerTest(@TempDir Path folder) {
        this.folder = folder;
        stage = new Stage(folder);
        terms = stage.terms(1);
        job = terms.jobId();
        lock(terms);
    }

    private ReceiptStore store() {
        return new ReceiptStore(folder);
    }

    private Settler settler() {
        return new Settler(stage, store());
    }

    private void lock(Terms of) {
        stage.ledger.put(
                FakeLedger.job(of, EscrowedJob.State.LOCKED, TurnedTimers.START.plusSeconds(120), Optional.empty()));
    }

    private Settlement.State state(JobId of) {
        return store().find(of).orElseThrow().receipt().settlement().state();
    }

    private void awaitState(JobId of, Settlement.State state) {
        Stage.await("receipt is " + state, () -> store().pending().isEmpty() && state(of) == state);
    }

    @Test
    void aProvedJobIsSettledAndItsReceiptSaysHow() {
        Settler settler = settler();
        settler.settle(stage.proved(terms));
        settler.close();
        assertThat(stage.ledger.writes).containsExactly("settle " + job);
        SignedReceipt receipt = store().find(job).orElseThrow();
        assertThat(receipt.receipt().settlement().state()).isEqualTo(Settlement.State.SETTLED);
        assertThat(receipt.receipt().settlement().settle()).isEqualTo(FakeLedger.TRANSACTION);
        assertThat(receipt.receipt().summary().split().orElseThrow().worker()).isEqualTo(32);
        assertThat(store().pending()).isEmpty();
    }

    @Test
    void whileTheLedgerIsDownItIsTriedAgainWithGrowingPauses() {
        stage.ledger.down(true);
        settler().settle(stage.proved(terms));
        int tries = 1;
        for (long pause : new long[] {500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000}) {
            awaitPutOff(tries);
            stage.timers.turn(Duration.ofMillis(pause - 1));
            assertThat(stage.ledger.failures).as("before %s ms", pause).hasSize(tries);
            stage.timers.turn(Duration.ofMillis(1));
            tries++;
        }
        awaitPutOff(tries);
        assertThat(state(job)).isEqualTo(Settlement.State.PENDING);
        stage.ledger.down(false);
        stage.timers.turn(Duration.ofSeconds(10));
        awaitState(job, Settlement.State.SETTLED);
        assertThat(stage.timers.alarms()).isZero();
    }

    private void awaitPutOff(int tries) {
        Stage.await(tries + " tries", () -> stage.ledger.failures.size() == tries && stage.timers.alarms() == 1);
    }

    @Test
    void anOutcomeThatIsNotKnownIsAskedForAgain() {
        stage.ledger.refuse("settle", ErrorCode.OUTCOME_UNKNOWN);
        settler().settle(stage.proved(terms));
        Stage.await("it is put off", () -> stage.timers.alarms() == 1);
        assertThat(state(job)).isEqualTo(Settlement.State.PENDING);
    }

    @Test
    void whatTheLedgerRefusesForGoodIsNotTriedAgain() {
        int number = 10;
        for (ErrorCode code : List.of(ErrorCode.DEADLINE_EXCEEDED, ErrorCode.PROOF_INVALID, ErrorCode.CONFLICT)) {
            stage.ledger.refuse("settle", code);
            Terms refused = stage.terms(number++);
            lock(refused);
            Settler settler = settler();
            settler.settle(stage.proved(refused));
            settler.close();
            assertThat(state(refused.jobId())).as(code.name()).isEqualTo(Settlement.State.UNPROVED);
            assertThat(store().pending()).isEmpty();
            assertThat(stage.timers.alarms()).isZero();
        }
        assertThat(stage.ledger.failures).hasSize(3);
    }

    @Test
    void whatWasNotProvedIsClaimedAndBroughtForward() {
        Settler settler = settler();
        settler.release(stage.unproved(
                terms, stage.voucher(terms, 0, 5), stage.voucher(terms, 1, 0), stage.voucher(terms, 2, 7)));
        settler.close();
        assertThat(stage.ledger.writes).containsExactly("claim " + job, "claim " + job, "expire " + job);
        assertThat(state(job)).isEqualTo(Settlement.State.UNPROVED);
        assertThat(store().pending()).isEmpty();
    }

    @Test
    void aWorkerThatClaimedAlreadyIsNoHindrance() {
        stage.ledger.refuse("claim", ErrorCode.CONFLICT);
        stage.ledger.refuse("expire", ErrorCode.CONFLICT);
        Settler settler = settler();
        settler.release(stage.unproved(terms, stage.voucher(terms, 0, 5)));
        settler.close();
        assertThat(stage.ledger.failures).containsExactly("claim " + job, "expire " + job);
        assertThat(store().pending()).isEmpty();
    }

    @Test
    void aReleaseThatIsCutOffIsTakenUpAgain() {
        stage.ledger.refuse("expire", ErrorCode.UNAVAILABLE);
        settler().release(stage.unproved(terms, stage.voucher(terms, 0, 5)));
        Stage.await("it is put off", () -> stage.timers.alarms() == 1);
        assertThat(store().pending()).hasSize(1);
        stage.ledger.refuse("expire", ErrorCode.CONFLICT);
        stage.timers.turn(Duration.ofMillis(500));
        awaitState(job, Settlement.State.UNPROVED);
        assertThat(stage.ledger.writes).as("the same write twice").containsExactly("claim " + job, "claim " + job);
    }

    @Test
    void afterCloseNothingIsWrittenAndTheOutboxKeepsIt() {
        stage.ledger.down(true);
        Settler settler = settler();
        settler.settle(stage.proved(terms));
        Stage.await("it is put off", () -> stage.timers.alarms() == 1);
        settler.close();
        stage.ledger.down(false);
        stage.timers.turn(Duration.ofMinutes(5));
        assertThat(stage.ledger.writes).isEmpty();
        assertThat(store().pending()).hasSize(1);

        Settler next = settler();
        next.recover();
        next.close();
        assertThat(stage.ledger.writes).containsExactly("settle " + job);
        assertThat(state(job)).isEqualTo(Settlement.State.SETTLED);
    }

    @Test
    void aRestartBringsForwardWhatNobodyKnowsOfAnyMore() {
        List<String> expected = new ArrayList<>();
        for (int i = 100; i < 1_200; i++) {
            lock(stage.terms(i));
            expected.add("expire " + stage.terms(i).jobId());
        }
        Terms settled = stage.terms(2);
        stage.ledger.put(FakeLedger.job(
                settled, EscrowedJob.State.SETTLED, TurnedTimers.START, Optional.of(TurnedTimers.START)));
        store().begin(stage.unproved(terms));
        Settler settler = settler();
        settler.recover();
        settler.close();
        expected.add("expire " + job);
        assertThat(stage.ledger.writes).as("more than a page").containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aRefundThatCannotBeBroughtForwardDoesNotStopTheStart() {
        stage.ledger.refuse("expire", ErrorCode.UNAVAILABLE);
        Settler settler = settler();
        settler.recover();
        settler.close();
        assertThat(stage.ledger.failures).containsExactly("expire " + job);
    }
}
