package org.usedecentral.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.time.Timers.Alarm;

final class TurnableClockTest {
    private final TurnableClock clock = new TurnableClock();
    private final List<String> rung = new ArrayList<>();

    @Test
    void standsStillUntilTurned() {
        assertThat(clock.instant()).isEqualTo(TurnableClock.START);
        clock.advance(Duration.ofMillis(1_500));
        assertThat(clock.instant()).isEqualTo(TurnableClock.START.plusMillis(1_500));
        clock.advance(Duration.ofMillis(-500));
        assertThat(clock.instant()).isEqualTo(TurnableClock.START.plusMillis(1_000));
        clock.set(TurnableClock.START);
        assertThat(clock.instant()).isEqualTo(TurnableClock.START);
    }

    @Test
    void isOneClockInEveryZone() {
        ZoneId tokyo = ZoneId.of("Asia/Tokyo");
        Clock there = clock.withZone(tokyo);
        clock.advance(Duration.ofSeconds(3));
        assertThat(there.instant()).isEqualTo(clock.instant());
        assertThat(there.getZone()).isEqualTo(tokyo);
        assertThat(there.withZone(clock.getZone()).getZone()).isEqualTo(clock.getZone());
        assertThat(clock.clock()).isSameAs(clock);
    }

    @Test
    void ringsDueAlarmsInOrderEachAtItsTime() {
        alarm(3, "third");
        alarm(1, "first");
        alarm(1, "second");
        alarm(4, "later");
        clock.advance(Duration.ofSeconds(3));
        assertThat(rung).containsExactly("first at 1", "second at 1", "third at 3");
        assertThat(clock.instant()).isEqualTo(TurnableClock.START.plusSeconds(3));
        clock.set(TurnableClock.START.plusSeconds(10));
        assertThat(rung).last().isEqualTo("later at 4");
    }

    @Test
    void ringsAlarmsThatAlarmsSet() {
        clock.after(Duration.ofSeconds(1), () -> alarm(1, "inner"));
        clock.advance(Duration.ofSeconds(5));
        assertThat(rung).containsExactly("inner at 2");
    }

    @Test
    void cancelledAlarmsDoNotRing() {
        Alarm alarm = alarm(1, "cancelled");
        alarm.cancel();
        alarm.cancel();
        clock.advance(Duration.ofSeconds(5));
        assertThat(rung).isEmpty();
    }

    @Test
    void turnedBackNothingRings() {
        alarm(1, "once");
        clock.advance(Duration.ofSeconds(2));
        clock.advance(Duration.ofSeconds(-2));
        clock.advance(Duration.ofSeconds(2));
        assertThat(rung).containsExactly("once at 1");
    }

    @Test
    void anAlarmDueAlreadyRingsAtTheNextTurn() {
        alarm(0, "now");
        assertThat(rung).isEmpty();
        clock.advance(Duration.ZERO);
        assertThat(rung).containsExactly("now at 0");
    }

    @Test
    void whatAnAlarmThrowsReachesWhoeverTurns() {
        clock.after(Duration.ofSeconds(1), () -> {
            throw new IllegalStateException("broken");
        });
        alarm(2, "after");
        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(5))).hasMessage("broken");
        assertThat(clock.instant()).isEqualTo(TurnableClock.START.plusSeconds(1));
        clock.advance(Duration.ofSeconds(5));
        assertThat(rung).containsExactly("after at 2");
    }

    private Alarm alarm(long seconds, String name) {
        return clock.after(
                Duration.ofSeconds(seconds),
                () -> rung.add(name + " at "
                        + Duration.between(TurnableClock.START, clock.instant()).toSeconds()));
    }
}
