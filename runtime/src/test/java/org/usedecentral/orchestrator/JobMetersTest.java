package org.usedecentral.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Usage;

/** What an embedding service sees in its registry. */
final class JobMetersTest {
    private static final ModelId MODEL = new ModelId("m");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final JobMeters meters = new JobMeters(registry);

    @Test
    void aProvedJobIsTimedAndItsTokensAreCounted() {
        meters.started(MODEL, Duration.ofMillis(40));
        meters.proved(MODEL, Duration.ofMillis(90), new Usage(20, 6));
        assertThat(registry.get("gen_ai.server.time_to_first_token")
                        .tag("gen_ai.request.model", "m")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(40);
        assertThat(registry.get("gen_ai.server.request.duration")
                        .tag("error.type", "none")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(90);
        assertThat(registry.get("gen_ai.client.token.usage")
                        .tag("gen_ai.token.type", "input")
                        .summary()
                        .totalAmount())
                .isEqualTo(20);
        assertThat(registry.get("gen_ai.client.token.usage")
                        .tag("gen_ai.token.type", "output")
                        .summary()
                        .totalAmount())
                .isEqualTo(6);
    }

    @Test
    void whatGoesWrongIsCountedByItsCode() {
        meters.refused(ErrorCode.NO_WORKER);
        meters.rerouted(ErrorCode.START_TIMEOUT);
        meters.failed(MODEL, Duration.ofSeconds(1), ErrorCode.UNAVAILABLE);
        assertThat(registry.get("decentral.jobs.refused")
                        .tag("error.type", "no_worker")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("decentral.jobs.rerouted")
                        .tag("error.type", "start_timeout")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("gen_ai.server.request.duration")
                        .tag("error.type", "unavailable")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void modelsBeyondTheLimitShareASeries() {
        for (int i = 0; i < 300; i++) {
            meters.started(new ModelId("m" + i), Duration.ZERO);
        }
        assertThat(registry.getMeters()).hasSize(257);
        assertThat(registry.get("gen_ai.server.time_to_first_token")
                        .tag("gen_ai.request.model", "other")
                        .timer()
                        .count())
                .isEqualTo(44);
    }

    @Test
    void closingTakesThemOutOfTheHostsRegistry() {
        Meter theirs = registry.counter("theirs");
        AtomicInteger running = new AtomicInteger(2);
        meters.gauges(running::get, () -> 1);
        assertThat(registry.get("decentral.jobs.running").gauge().value()).isEqualTo(2);
        assertThat(registry.get("decentral.links.open").gauge().value()).isEqualTo(1);
        meters.refused(ErrorCode.NO_WORKER);
        meters.close();
        assertThat(registry.getMeters()).containsExactly(theirs);
    }
}
