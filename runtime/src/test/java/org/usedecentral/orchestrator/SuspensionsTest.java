package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

final class SuspensionsTest {
    private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");
    private final Suspensions suspensions = new Suspensions();

    private static Account account(int number) {
        return new Account(Bytes.of(ByteBuffer.allocate(32).putInt(number).array()));
    }

    @Test
    void eachSuspensionIsTwiceAsLongUpToTenMinutes() {
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            seconds.add(suspensions.add(account(1), NOW).toSeconds());
        }
        assertThat(seconds).containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 600L, 600L, 600L);
        assertThat(suspensions.add(account(2), NOW)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aWorkerIsLeftOutForExactlyThatLong() {
        suspensions.add(account(1), NOW);
        assertThat(suspensions.contain(account(1), NOW)).isTrue();
        assertThat(suspensions.contain(account(1), NOW.plusMillis(9_999))).isTrue();
        assertThat(suspensions.contain(account(1), NOW.plusSeconds(10))).isFalse();
        assertThat(suspensions.contain(account(2), NOW)).isFalse();
    }

    @Test
    void timeAloneDoesNotForgiveButAGoodJobDoes() {
        suspensions.add(account(1), NOW);
        suspensions.add(account(1), NOW.plusSeconds(3_600));
        suspensions.end(account(1));
        assertThat(suspensions.contain(account(1), NOW.plusSeconds(3_600))).isFalse();
        assertThat(suspensions.add(account(1), NOW.plusSeconds(3_600))).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void noMoreWorkersAreRememberedThanThereCanBe() {
        for (int i = 0; i <= Suspensions.MAX_WORKERS; i++) {
            suspensions.add(account(i), NOW);
        }
        assertThat(suspensions.contain(account(0), NOW)).isFalse();
        assertThat(suspensions.contain(account(1), NOW)).isTrue();
        assertThat(suspensions.contain(account(Suspensions.MAX_WORKERS), NOW)).isTrue();
    }
}
