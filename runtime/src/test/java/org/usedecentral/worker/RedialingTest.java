package org.usedecentral.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.usedecentral.link.Wire;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.time.TurnedTimers;

/** How long a worker waits before it dials again. */
final class RedialingTest {
    private static final URI ADDRESS = URI.create("ws://127.0.0.1:1/v1/workers/link");

    private final TurnedTimers timers = new TurnedTimers();
    private boolean down;
    private boolean welcomed = true;
    private final List<Instant> dialled = new ArrayList<>();
    private final Redialing redialing = new Redialing(timers, (address, accept) -> {
        dialled.add(timers.now());
        if (down) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "nobody answers");
        }
        var _ = accept.apply(new NoWire());
    });
    private Redialing.@Nullable Turns current;

    private static final class NoWire implements Wire, Wire.Listener {
        @Override
        public void send(byte[] frame) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public void close(String reason) {
            throw new AssertionError("nothing is closed");
        }

        @Override
        public void onFrame(byte[] frame, int offset, int length) {
            throw new AssertionError("nothing comes");
        }

        @Override
        public void onClosed(String reason) {
            throw new AssertionError("nothing is closed");
        }
    }

    private void begin() {
        redialing.keep(ADDRESS, (wire, turns) -> {
            current = turns;
            if (welcomed) {
                turns.opened();
            }
            return new NoWire();
        });
        timers.turn(Duration.ZERO);
    }

    private void end() {
        Redialing.Turns ending = current;
        assertThat(ending).isNotNull();
        current = null;
        ending.ended("refused");
    }

    /** Pauses between tries so far. */
    private List<Duration> pauses() {
        List<Duration> pauses = new ArrayList<>();
        for (int i = 1; i < dialled.size(); i++) {
            pauses.add(Duration.between(dialled.get(i - 1), dialled.get(i)));
        }
        return pauses;
    }

    @Test
    void whereNobodyAnswersThePausesDoubleToHalfAMinute() {
        down = true;
        begin();
        timers.turn(Duration.ofMinutes(3));
        assertThat(pauses())
                .startsWith(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(16),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30));
    }

    @Test
    void aLinkThatIsRefusedRightAfterItOpensIsNoReasonToDialSooner() {
        for (boolean greeted : List.of(true, false)) {
            welcomed = greeted;
            dialled.clear();
            begin();
            for (int i = 0; i < 8; i++) {
                end();
                timers.turn(Redialing.LONGEST);
            }
            assertThat(dialled).hasSize(9);
        }
        dialled.clear();
        begin();
        for (int i = 0; i < 5; i++) {
            end();
            int tries = dialled.size();
            timers.turn(Redialing.FIRST.multipliedBy(1L << i).minusMillis(1));
            assertThat(dialled).hasSize(tries);
            timers.turn(Duration.ofMillis(1));
            assertThat(dialled).hasSize(tries + 1);
        }
    }

    @Test
    void afterALinkThatLivedAWhileItIsDialledSoon() {
        begin();
        for (int i = 0; i < 6; i++) {
            end();
            timers.turn(Redialing.LONGEST);
        }
        timers.turn(Redialing.LIVED);
        end();
        int tries = dialled.size();
        timers.turn(Redialing.FIRST);
        assertThat(dialled).hasSize(tries + 1);
    }

    @Test
    void afterStopNothingIsDialled() {
        begin();
        redialing.stop();
        end();
        timers.turn(Duration.ofHours(1));
        assertThat(dialled).hasSize(1);
        assertThat(timers.alarms()).isZero();
    }
}
