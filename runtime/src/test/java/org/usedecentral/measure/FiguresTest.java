package org.usedecentral.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Usage;

final class FiguresTest {
    private static final double TINY = 1e-12;

    private static StreamTrace trace(long asked, int input, long... millis) {
        StreamTrace trace = new StreamTrace(100, asked * 1_000_000);
        for (long at : millis) {
            trace.came(at * 1_000_000, 1);
        }
        trace.ended(new Usage(input, millis.length));
        return trace;
    }

    private static GroupTrace.Mark mark(long millis, long cpuMillis) {
        return new GroupTrace.Mark(millis * 1_000_000, new ProcessMeter.Use(cpuMillis * 1_000_000, 0, 0));
    }

    @Test
    void percentilesAreOfNearestRank() {
        double[] hundred =
                IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i).toArray();
        assertThat(Percentiles.of(hundred)).isEqualTo(new Percentiles(100, 50, 90, 99, 100));
        assertThat(hundred[0]).isEqualTo(100);
        assertThat(Percentiles.of(new double[] {3})).isEqualTo(new Percentiles(1, 3, 3, 3, 3));
        assertThat(Percentiles.of(new double[] {2, 1})).isEqualTo(new Percentiles(2, 1, 2, 2, 2));
        assertThat(Percentiles.of(new double[0]).count()).isZero();
    }

    @Test
    void aSpreadIsOverTheRoundsThatHaveTheFigure() {
        assertThat(Spread.of(DoubleStream.of(5, Double.NaN, 1, 3))).isEqualTo(new Spread(3, 1, 5));
        assertThat(Spread.of(DoubleStream.of(4, 1, 2, 3)).median()).isEqualTo(2.5);
        assertThat(Spread.of(DoubleStream.of(Double.NaN)).isKnown()).isFalse();
    }

    @Test
    void ratesAreUnknownWhereNothingWasMeasured() {
        assertThat(new Stretch(30, 2, 1.5).perSecond()).isEqualTo(15);
        assertThat(new Stretch(30, 2, 1.5).perCpuSecond()).isEqualTo(20);
        assertThat(new Stretch(30, 2, Double.NaN).perCpuSecond()).isNaN();
        assertThat(Stretch.NONE.perSecond()).isNaN();
    }

    @Test
    void decodeIsCountedWhileAllStreamsDecode() {
        // The second one's first token is at 40, the first one's last at 70: four tokens of one and three of the other
        // lie after and until.
        GroupTrace group = new GroupTrace(
                List.of(trace(0, 8, 10, 20, 30, 45, 55, 65, 70), trace(0, 12, 40, 50, 60, 70, 80)),
                mark(0, 5),
                mark(40, 25),
                mark(70, 45));
        assertThat(group.decode().amount()).isEqualTo(7);
        assertThat(group.decode().seconds()).isCloseTo(0.030, within(TINY));
        assertThat(group.decode().cpuSeconds()).isCloseTo(0.020, within(TINY));
        assertThat(group.prefill().perSecond()).isCloseTo(20 / 0.040, within(1e-9));
        assertThat(group.prefill().cpuSeconds()).isCloseTo(0.020, within(TINY));
        assertThat(group.timesToFirst()).isEqualTo(new Percentiles(2, 0.010, 0.040, 0.040, 0.040));
        assertThat(group.gaps().count()).isEqualTo(10);
        assertThat(group.gaps().worst()).isCloseTo(0.015, within(TINY));
        assertThat(group.outputTokens()).isEqualTo(12);
    }

    @Test
    void aPrefixCachesTokensAreNoPrefill() {
        StreamTrace trace = trace(0, 0, 100);
        trace.ended(new Usage(30, 1, 20, 0));
        GroupTrace group = new GroupTrace(List.of(trace), mark(0, 0), mark(100, 0), mark(100, 0));
        assertThat(group.prefill().amount()).isEqualTo(10);
    }

    @Test
    void streamsThatNeverRanTogetherHaveNoDecode() {
        GroupTrace group =
                new GroupTrace(List.of(trace(0, 1, 10, 20), trace(0, 1, 30, 40)), mark(0, 0), mark(30, 0), mark(20, 0));
        assertThat(group.decode()).isEqualTo(Stretch.NONE);
    }

    @Test
    void tokensThatAreOnlyToldAtTheEndAreSpreadOverWhatCame() {
        StreamTrace trace = trace(0, 1, 10, 20, 30, 40);
        trace.ended(new Usage(1, 8));
        assertThat(trace.tokensWithin(10_000_000, 40_000_000)).isEqualTo(6);
    }

    @Test
    void aProcessThatWasReplacedHasNoProcessorTime() {
        ProcessMeter.Use before = new ProcessMeter.Use(500, 0, 0);
        assertThat(GroupTrace.cpuSeconds(before, new ProcessMeter.Use(100, 0, 0)))
                .isNaN();
        assertThat(GroupTrace.cpuSeconds(ProcessMeter.hidden().read(), before)).isNaN();
    }

    @Test
    void mixedWorkloadsHaveFourLengths() {
        Workload mixed = new Workload(16, 128, 64, true);
        assertThat(IntStream.range(0, 16).map(mixed::outputTokens).distinct().sorted())
                .containsExactly(32, 64, 96, 128);
        assertThat(IntStream.range(0, 16).map(mixed::promptTokens).distinct().sorted())
                .containsExactly(16, 32, 48, 64);
        assertThat(new Workload(2, 128, 64, false).outputTokens(1)).isEqualTo(128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Workload(0, 1, 1, false))
                .withMessageContaining("streams must lie in 1 … 256");
        assertThatIllegalArgumentException().isThrownBy(() -> new Workload(1, 1 << 20, 1, false));
    }
}
