package org.usedecentral.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;

@Timeout(60)
final class ContendersTest {
    private static final double TINY = 1e-9;

    private static Contender contender(ClockedBackend backend) {
        List<Contender> all = new Contenders(backend.clock(), Duration.ofSeconds(20)).of(backend, backend.meter());
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    @Test
    void aGeneratorsFiguresAreThoseOfItsClock() throws Exception {
        ClockedBackend backend = new ClockedBackend("one", Feature.GENERATE);
        backend.prefill = Duration.ofMillis(250);
        backend.token = Duration.ofMillis(20);

        Round round = contender(backend).run(new Workload(1, 11, 50, false));

        assertThat(round).isInstanceOfSatisfying(Round.Generation.class, figures -> {
            assertThat(figures.timeToFirst()).isEqualTo(new Percentiles(1, 0.25, 0.25, 0.25, 0.25));
            assertThat(figures.gaps()).isEqualTo(new Percentiles(10, 0.02, 0.02, 0.02, 0.02));
            assertThat(figures.decode().amount()).isEqualTo(10);
            assertThat(figures.decode().perSecond()).isCloseTo(50, within(TINY));
            assertThat(figures.decode().perCpuSecond()).isCloseTo(100, within(TINY));
            assertThat(figures.prefill().amount()).isEqualTo(50);
            assertThat(figures.prefill().perSecond()).isCloseTo(200, within(TINY));
            assertThat(figures.prefill().perCpuSecond()).isCloseTo(400, within(TINY));
            assertThat(figures.outputTokens()).isEqualTo(11);
            assertThat(figures.memory().peakBytes()).isEqualTo(400);
        });
        assertThat(backend.requests())
                .hasSize(2)
                .extracting(r -> r.maxOutputTokens())
                .containsExactly(1, 11);
        assertThat(backend.requests())
                .extracting(r -> r.messages().getFirst().text().substring(0, 4))
                .doesNotHaveDuplicates();
    }

    @Test
    void anEmbeddersFiguresAreThoseOfItsClock() throws Exception {
        ClockedBackend backend = new ClockedBackend("vectors", Feature.EMBED);
        backend.prefill = Duration.ofMillis(50);

        Round round = contender(backend).run(new Workload(1, 1, 20, false));

        assertThat(round).isInstanceOfSatisfying(Round.Embedding.class, figures -> {
            assertThat(figures.embeddings().amount()).isEqualTo(32);
            assertThat(figures.embeddings().perSecond()).isCloseTo(160, within(TINY));
            assertThat(figures.tokens().perSecond()).isCloseTo(1600, within(TINY));
            assertThat(figures.calls()).isEqualTo(new Percentiles(4, 0.05, 0.05, 0.05, 0.05));
        });
    }

    @Test
    void whatABackendCannotTakeIsNotRun() {
        Contender contender = contender(new ClockedBackend("one", Feature.GENERATE));
        assertThat(contender.refusal(new Workload(2, 10, 10, false))).isEmpty();
        assertThat(contender.refusal(new Workload(3, 10, 10, false))).isEqualTo("it has 2 slots");
        assertThat(contender.refusal(new Workload(1, 1000, 1500, false))).contains("context has 2048");
        assertThat(contender.refusal(new Workload(1, 1025, 10, false))).contains("at most 1024");
    }

    @Test
    void aFailureReachesTheCaller() {
        ClockedBackend backend = new ClockedBackend("one", Feature.GENERATE);
        Contender contender = contender(backend);
        backend.failure = new DecentralException(ErrorCode.UNAVAILABLE, "the engine is gone");
        assertThatThrownBy(() -> contender.run(new Workload(2, 4, 10, false)))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("the engine is gone");
        backend.failure = new IllegalStateException("boom");
        assertThatThrownBy(() -> contender.run(new Workload(1, 4, 10, false)))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("boom");
    }

    @Test
    void aCommandsFiguresAreThoseItPrints() throws Exception {
        Contender command =
                command("echo '{\"decode\":{\"tokens\":'$4',\"seconds\":2,\"cpu_seconds\":4},\"peak_bytes\":77}'");
        assertThat(command.run(new Workload(8, 100, 10, false)))
                .isInstanceOfSatisfying(Round.Generation.class, figures -> {
                    assertThat(figures.decode()).isEqualTo(new Stretch(100, 2, 4));
                    assertThat(figures.prefill()).isEqualTo(Stretch.NONE);
                    assertThat(figures.memory().peakBytes()).isEqualTo(77);
                });
        assertThat(command.refusal(new Workload(8, 100, 10, true))).isNotEmpty();
    }

    @Test
    void aCommandThatDoesNotMeasureIsNamed() {
        Workload workload = new Workload(1, 1, 1, false);
        assertThatThrownBy(() -> command("echo nothing").run(workload)).hasMessageContaining("printed no JSON");
        assertThatThrownBy(() -> command("echo {}").run(workload)).hasMessageContaining("printed no decode");
        assertThatThrownBy(() -> command("exit 3").run(workload))
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("run it by hand");
        assertThatThrownBy(() -> new Contenders(System::nanoTime, Duration.ofMillis(200))
                        .command("slow", List.of("sh", "-c", "read line < /dev/tty || exec tail -f /dev/null"))
                        .run(workload))
                .hasMessageContaining("did not end within");
        assertThatThrownBy(() -> new Contenders(System::nanoTime, Duration.ofSeconds(20))
                        .command("none", List.of("/no/such/program"))
                        .run(workload))
                .hasMessageContaining("cannot be run");
    }

    private static Contender command(String script) {
        return new Contenders(System::nanoTime, Duration.ofSeconds(20))
                .command("script", List.of("sh", "-c", script, "sh"));
    }
}
