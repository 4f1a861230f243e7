package org.usedecentral.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.testkit.inference.Gate;
import org.usedecentral.testkit.inference.Script;
import org.usedecentral.testkit.network.Await;
import org.usedecentral.testkit.network.TestNetwork;
import org.usedecentral.testkit.network.TestWorker;

@Timeout(60)
class FaultTest {
    private static final int FAIL = 10;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** Which of two workers a job went to, and the other one. */
    private record Placed(TestWorker first, TestWorker other) {
        static Placed of(TestNetwork network) {
            Await.until(
                    () -> network.worker(0).backend().requests().size()
                                    + network.worker(1).backend().requests().size()
                            > 0,
                    "a worker has the job");
            boolean zero = !network.worker(0).backend().requests().isEmpty();
            return new Placed(network.worker(zero ? 0 : 1), network.worker(zero ? 1 : 0));
        }
    }

    private static Balance payer(TestNetwork network) {
        return network.ledger().credits().balance(network.payer());
    }

    @Test
    void aWorkerThatSendsNothingForEightSecondsIsReplacedAndTheEscrowIsKept() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(2)) {
            Gate never = new Gate();
            network.worker(0).backend().playOnce(Script.of().waitFor(never).tokens("late"));
            network.worker(1).backend().playOnce(Script.of().waitFor(never).tokens("late"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            Placed placed = Placed.of(network);
            placed.other().backend().play(Script.of("from the other"));
            long locked = payer(network).locked();

            network.advance(Duration.ofMillis(7_999));
            assertThat(placed.other().backend().requests()).isEmpty();
            assertThat(payer(network).locked()).isEqualTo(locked).isPositive();
            network.advance(Duration.ofMillis(1));
            assertOther(placed);
            never.open();
            Answers answer = Answers.of(stream);
            assertThat(answer.text()).isIn("from the other", "late");
            assertThat(answer.error()).isNull();
            assertThat(stream.receipt()
                            .receipt()
                            .evidence()
                            .statements()
                            .getLast()
                            .statement()
                            .worker())
                    .isEqualTo(placed.other().account());
        }
    }

    private static void assertOther(Placed placed) {
        Await.until(() -> !placed.other().backend().requests().isEmpty(), "the other worker has the job");
    }

    @Test
    void aWorkerThatDiesBeforeItsFirstTokenIsReplaced() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(2)) {
            Gate gate = new Gate();
            network.worker(0).backend().playOnce(Script.of().waitFor(gate).tokens("x"));
            network.worker(1).backend().playOnce(Script.of().waitFor(gate).tokens("x"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            Placed placed = Placed.of(network);
            placed.first().kill();
            assertOther(placed);
            gate.open();
            Answers answer = Answers.of(stream);
            assertThat(answer.text()).isEqualTo("x");
            assertThat(answer.error()).isNull();
        }
    }

    @Test
    void aWorkerThatDiesInTheMiddleIsPaidByVoucherAndTheRestIsRefunded() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.words(100).waitFor(gate).tokens("never"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            int tokens = 0;
            while (tokens < 100) {
                tokens += ((GenerationEvent.TextDelta) stream.next()).tokens();
            }
            network.worker(0).kill();
            Answers rest = Answers.of(stream);
            assertThat(rest.code()).contains(ErrorCode.UNAVAILABLE);
            assertThat(rest.finished()).isNull();

            Await.until(
                    () -> network.ledger()
                                    .credits()
                                    .balance(network.worker(0).account())
                                    .free()
                            > 0,
                    "the voucher is paid");
            network.advanceUntil(() -> payer(network).locked() == 0, "the rest is refunded");
            long paid = TestNetwork.CREDIT - payer(network).free();
            assertThat(network.ledger()
                            .credits()
                            .balance(network.worker(0).account())
                            .free())
                    .isEqualTo(paid * 7500 / 10000);
            assertThat(network.jobs()
                            .receipt(stream.jobId())
                            .orElseThrow()
                            .receipt()
                            .settlement()
                            .state())
                    .isEqualTo(Settlement.State.UNPROVED);
        }
    }

    @Test
    void whenTheLastWorkerHasGoneTheModelIsStillKnownAndNothingIsLocked() {
        try (TestNetwork network = TestNetwork.of(1)) {
            network.worker(0).kill();
            Await.until(() -> network.jobs().models().isEmpty(), "the worker is gone");
            assertThatThrownBy(() -> network.jobs().submit(network.payer(), TestNetwork.request("hello")))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_WORKER));
            assertThat(payer(network).free()).isEqualTo(TestNetwork.CREDIT);
        }
    }

    @Test
    void aStallOfTwentySecondsEndsTheJobInBand() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.of("a ").waitFor(gate).tokens("b"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            assertThat(stream.next()).hasFieldOrPropertyWithValue("text", "a ");
            Await.until(() -> network.worker(0).faults().seen().size() > 3, "frames went");
            for (int i = 0; i < 5; i++) {
                network.advance(Duration.ofSeconds(5));
            }
            assertThat(Answers.of(stream).code()).contains(ErrorCode.UNAVAILABLE);
        }
    }

    @Test
    void generationStopsTenSecondsBeforeTheDeadlineAndSaysLength() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.of("a ").waitFor(gate).tokens("b"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            assertThat(stream.next()).hasFieldOrPropertyWithValue("text", "a ");
            // Frames now and then keep the stall rule away: a stalled lane would end the job before its deadline.
            network.advance(Duration.ofSeconds(19));
            gate.open();
            Answers answer = Answers.of(stream);
            assertThat(answer.text()).isEqualTo("b");
        }
        try (TestNetwork network = TestNetwork.of(1, Settings120.patient(), List.of())) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.of("a ").waitFor(gate).tokens("b"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            assertThat(stream.next()).hasFieldOrPropertyWithValue("text", "a ");
            network.advance(Duration.ofSeconds(109));
            network.advance(Duration.ofSeconds(1));
            Answers answer = Answers.of(stream);
            assertThat(answer.error()).isNull();
            assertThat(Objects.requireNonNull(answer.finished()).reasons()).containsExactly(FinishReason.LENGTH);
        }
    }

    @Test
    void afterTheJobsTimeEverythingIsRefunded() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1, Settings120.patient(), List.of())) {
            network.worker(0).backend().play(Script.of().waitFor(new Gate()).tokens("never"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            Await.until(() -> !network.worker(0).backend().requests().isEmpty(), "the worker has the job");
            network.worker(0).faults().tamper(frame -> frame.getFirst()[0] == FAIL ? List.of() : frame);
            network.advance(Duration.ofSeconds(115));
            assertThat(Answers.of(stream).code()).contains(ErrorCode.DEADLINE_EXCEEDED);
            network.advanceUntil(() -> payer(network).free() == TestNetwork.CREDIT, "everything is refunded");
        }
    }

    @Test
    void aClientThatLeavesFreesTheSlotAndPaysForWhatItGot() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.of("a ").waitFor(gate).tokens("b"));
            JobStream stream = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            stream.next();
            network.worker(0).backend().awaitRunning(1, LIMIT);
            stream.close();
            network.worker(0).backend().awaitRunning(0, LIMIT);
            Await.until(
                    () -> network.jobs()
                            .find(stream.jobId())
                            .orElseThrow()
                            .settled()
                            .isPresent(),
                    "what was relayed is settled");
        }
    }

    @Test
    void aClientThatStopsReadingStopsOnlyItsOwnLane() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            String chunk = "x".repeat(1000);
            String[] flood = new String[1000];
            Arrays.fill(flood, chunk);
            network.worker(0).backend().playOnce(Script.of(flood));
            JobStream stuck = network.jobs()
                    .submit(
                            network.payer(),
                            TestNetwork.request("flood").toBuilder()
                                    .maxOutputTokens(1000)
                                    .build());
            assertThat(stuck.next()).isNotNull();
            network.worker(0).backend().play(Script.words(50));
            for (int i = 0; i < 10; i++) {
                Answers answer = Answers.of(network.jobs().submit(network.payer(), TestNetwork.request("healthy")));
                assertThat(answer.error()).isNull();
            }
            int relayed = network.worker(0).faults().seen().stream()
                    .mapToInt(frame -> frame.length)
                    .sum();
            assertThat(relayed)
                    .as("bytes on the link while one client does not read")
                    .isLessThan(300_000);
            Answers late = Answers.of(stuck);
            assertThat(late.error()).isNull();
            assertThat(late.text()).endsWith(chunk);
        }
    }

    @Test
    void aRestartedOrchestratorSettlesWhatWasProved() throws InterruptedException {
        try (TestNetwork network = TestNetwork.of(1)) {
            Gate gate = new Gate();
            network.worker(0).backend().play(Script.of("a ").waitFor(gate).tokens("b"));
            JobStream cut = network.jobs().submit(network.payer(), TestNetwork.request("hello"));
            cut.next();
            network.restartOrchestrator();
            assertThat(Answers.of(cut).error()).isNotNull();
            network.advanceUntil(() -> payer(network).locked() == 0, "the cut-off job is refunded");
            network.worker(0).backend().play(Script.of("again"));
            assertThat(Answers.of(network.jobs().submit(network.payer(), TestNetwork.request("hello")))
                            .text())
                    .isEqualTo("again");
        }
    }
}
