package org.usedecentral.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class ComparisonTest {
    private static final Workload ONE = new Workload(1, 100, 10, false);
    private static final Workload FOUR = new Workload(4, 100, 10, false);

    private final List<String> order = new ArrayList<>();

    /** Answers with as many tokens as it was run times. */
    private final class Counted implements Contender {
        private final String name;
        private final int failsAt;
        private int runs;

        Counted(String name, int failsAt) {
            this.name = name;
            this.failsAt = failsAt;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String model() {
            return "m";
        }

        @Override
        public String refusal(Workload workload) {
            return name.equals("small") && workload.streams() > 1 ? "it has 1 slot" : "";
        }

        @Override
        public Round run(Workload workload) {
            if (++runs == failsAt) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "gone");
            }
            order.add(name + workload.streams() + (workload.outputTokens() < 100 ? "w" : ""));
            return new Round.Generation(
                    Stretch.NONE,
                    new Stretch(runs, 1, 2),
                    Percentiles.of(new double[0]),
                    Percentiles.of(new double[0]),
                    runs,
                    ProcessMeter.hidden().read());
        }
    }

    @Test
    void contendersTakeTurnsAndNobodyIsAlwaysFirst() throws Exception {
        List<Series> series = new Comparison(List.of(new Counted("a", -1), new Counted("b", -1)), List.of(ONE, FOUR), 2)
                .run((round, contender, workload) -> {});
        assertThat(order).containsExactly("a1w", "b1w", "a1", "b1", "a4", "b4", "b1", "a1", "b4", "a4");
        assertThat(series).extracting(s -> s.name() + s.workload().streams()).containsExactly("a1", "a4", "b1", "b4");
        assertThat(series.getFirst().rounds()).hasSize(2);
        assertThat(series.getFirst().generation(g -> g.decode().perSecond())).isEqualTo(new Spread(3, 2, 4));
        assertThat(series.getFirst().embeds()).isFalse();
        assertThat(series.getFirst().peakBytes()).isEqualTo(ProcessMeter.HIDDEN);
    }

    @Test
    void whatCannotRunOrFailsIsLeftOutAndSaysWhy() throws Exception {
        List<String> told = new ArrayList<>();
        List<Series> series = new Comparison(
                        List.of(new Counted("small", -1), new Counted("late", 3), new Counted("never", 1)),
                        List.of(ONE, FOUR),
                        2)
                .run((round, contender, workload) -> told.add(round + contender.name() + workload.streams()));
        assertThat(series)
                .extracting(s ->
                        s.name() + s.workload().streams() + ": " + s.rounds().size() + " " + s.failure())
                .containsExactly(
                        "small1: 2 ",
                        "small4: 0 it has 1 slot",
                        "late1: 2 ",
                        "late4: 0 fails in round 1: gone",
                        "never1: 0 fails while warming up: gone",
                        "never4: 0 fails while warming up: gone");
        assertThat(told).startsWith("0small1", "0late1", "0never1", "1small1").doesNotContain("1never1", "2late4");
    }

    @Test
    void roundsAreBounded() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Comparison(List.of(), List.of(), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Comparison(List.of(), List.of(), 1001));
    }
}
