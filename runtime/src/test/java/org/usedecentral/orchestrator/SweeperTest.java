package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ledger.EscrowedJob.State;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.time.TurnedTimers;

/** The clock stands 120 s after the start; terms are valid until 30 s after it. */
@Timeout(60)
final class SweeperTest {
    private static final Instant NOW = TurnedTimers.START.plusSeconds(120);
    private final Stage stage = new Stage(Path.of("unused"));
    private final Sweeper sweeper = new Sweeper(stage);

    SweeperTest() {
        stage.timers.turn(Duration.ofMinutes(2));
    }

    private JobId put(int number, State state, Instant refundAfter, @Nullable Instant disputeUntil) {
        Terms terms = stage.terms(number);
        stage.ledger.put(FakeLedger.job(terms, state, refundAfter, Optional.ofNullable(disputeUntil)));
        return terms.jobId();
    }

    @Test
    void whatIsDueIsClosedAndWhatIsNotIsLeft() {
        JobId due = put(1, State.LOCKED, NOW.minusSeconds(1), null);
        put(2, State.LOCKED, NOW, null);
        put(3, State.LOCKED, NOW.plusSeconds(1), null);
        JobId settled = put(4, State.SETTLED, NOW.minusSeconds(41), NOW.minusSeconds(1));
        put(5, State.SETTLED, NOW.plusSeconds(5), NOW.plusSeconds(45));
        sweeper.sweep();
        assertThat(stage.ledger.writes).containsExactlyInAnyOrder("close " + due, "close " + settled);
    }

    @Test
    void whatCannotBeClosedYetIsRefunded() {
        JobId disputable = put(1, State.SETTLED, NOW.minusSeconds(1), NOW.plusSeconds(1));
        JobId disputed = put(2, State.DISPUTED, NOW.minusSeconds(1), NOW.minusSeconds(1));
        sweeper.sweep();
        assertThat(stage.ledger.writes).containsExactlyInAnyOrder("refund " + disputable, "refund " + disputed);
    }

    @Test
    void oneRefusalStopsNoOther() {
        for (int i = 0; i < 5; i++) {
            put(i, State.LOCKED, NOW.minusSeconds(1), null);
        }
        stage.ledger.refuse("close", ErrorCode.CONFLICT);
        sweeper.sweep();
        assertThat(stage.ledger.failures).hasSize(5);
    }

    @Test
    void everyPageIsSwept() {
        for (int i = 0; i < 2_500; i++) {
            put(i, State.LOCKED, NOW.minusSeconds(1), null);
        }
        sweeper.sweep();
        assertThat(stage.ledger.writes).hasSize(2_500).doesNotHaveDuplicates();
    }

    @Test
    void itSweepsEveryFiveSecondsAlsoAfterAFailure() {
        sweeper.start();
        stage.ledger.down(true);
        stage.timers.turn(Duration.ofSeconds(5));
        Stage.await(
                "a sweep failed and the next is set",
                () -> stage.ledger.failures.size() == 1 && stage.timers.alarms() == 1);
        stage.ledger.down(false);
        JobId due = put(1, State.LOCKED, NOW.minusSeconds(1), null);
        stage.timers.turn(Duration.ofSeconds(5));
        Stage.await("it is closed", () -> stage.ledger.writes.contains("close " + due) && stage.timers.alarms() == 1);
        sweeper.close();
        assertThat(stage.timers.alarms()).isZero();
        sweeper.start();
        assertThat(stage.timers.alarms()).isZero();
    }
}
