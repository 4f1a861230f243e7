package org.usedecentral.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;

@Timeout(60)
final class SelfTestTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path directory;

    private final ClockedBackend backend = new ClockedBackend("one", Feature.GENERATE);

    private SelfTest.Outcome test(SelfTest.Extent extent, Instant now) throws InterruptedException {
        return test(extent, now, backend);
    }

    private SelfTest.Outcome test(SelfTest.Extent extent, Instant now, ClockedBackend tested)
            throws InterruptedException {
        SpeedFile file = SpeedFile.in(directory, Clock.fixed(now, ZoneOffset.UTC));
        return new SelfTest(extent, file, SelfTest.Limits.DEFAULT, tested.clock())
                .test(tested)
                .getFirst();
    }

    @Test
    void speedsAreMeasuredOnceAndRemembered() throws Exception {
        SelfTest.Outcome first = test(SelfTest.Extent.QUICK, START);
        assertThat(first.failure()).isEmpty();
        assertThat(first.speed().decode()).isCloseTo(100, within(1e-9));
        // 7 words in 0.1 s said 70 a second, so 70 tokens were asked for.
        assertThat(first.speed().prefill()).isCloseTo(700, within(30.0));
        assertThat(backend.requests()).hasSize(2);
        assertThat(backend.requests().getLast().maxOutputTokens()).isEqualTo(64);

        backend.token = Duration.ofSeconds(1);
        assertThat(test(SelfTest.Extent.QUICK, START.plusSeconds(60)).speed()).isEqualTo(first.speed());
        assertThat(backend.requests()).hasSize(3);
    }

    @Test
    void aFullTestAWeekAndADamagedFileMeasureAnew() throws Exception {
        SelfTest.Outcome first = test(SelfTest.Extent.QUICK, START);
        backend.token = Duration.ofMillis(20);
        assertThat(test(SelfTest.Extent.FULL, START).speed().decode()).isCloseTo(50, within(1e-9));
        backend.token = Duration.ofMillis(40);
        assertThat(test(SelfTest.Extent.QUICK, START.plus(Duration.ofDays(8)))
                        .speed()
                        .decode())
                .isCloseTo(25, within(1e-9));
        Files.writeString(directory.resolve("speeds.json"), "{broken");
        backend.token = Duration.ofMillis(10);
        assertThat(test(SelfTest.Extent.QUICK, START).speed()).isEqualTo(first.speed());
    }

    @Test
    void aSlowModelIsMeasuredWithFewTokens() throws Exception {
        backend.prefill = Duration.ofSeconds(2);
        backend.token = Duration.ofMillis(500);
        assertThat(test(SelfTest.Extent.QUICK, START).speed().decode()).isCloseTo(2, within(1e-9));
        assertThat(backend.requests().getLast().maxOutputTokens()).isEqualTo(8);
    }

    @Test
    void aModelThatFailsOrSaysNothingIsNamedWithTheReason() throws Exception {
        backend.failure = new DecentralException(ErrorCode.INTERNAL, "llama_decode failed with -3");
        assertThat(test(SelfTest.Extent.QUICK, START).failure()).isEqualTo("llama_decode failed with -3");
        backend.failure = new IllegalStateException("boom");
        assertThat(test(SelfTest.Extent.QUICK, START).failure()).contains("boom");
        backend.failure = null;
        backend.text = "";
        assertThat(test(SelfTest.Extent.QUICK, START).failure()).contains("8 tokens without any text");
    }

    @Test
    void anEmbedderMustMakeAVector() throws Exception {
        ClockedBackend vectors = new ClockedBackend("vectors", Feature.EMBED);
        assertThat(test(SelfTest.Extent.QUICK, START, vectors))
                .satisfies(outcome -> assertThat(outcome.failure()).isEmpty())
                .satisfies(outcome -> assertThat(outcome.speed().isKnown()).isFalse());
        vectors.text = "";
        assertThat(test(SelfTest.Extent.QUICK, START, vectors).failure()).contains("no vector");
    }

    @Test
    void offTestsNothing() throws Exception {
        assertThat(new SelfTest(
                                SelfTest.Extent.OFF,
                                SpeedFile.in(directory, Clock.fixed(START, ZoneOffset.UTC)),
                                SelfTest.Limits.DEFAULT,
                                backend.clock())
                        .test(backend))
                .isEmpty();
        assertThat(backend.requests()).isEmpty();
    }
}
