package org.usedecentral.orchestrator;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Usage;

/**
 * What jobs do, in meters with OpenTelemetry's GenAI names where it has one. Thread-safe. Closing takes the meters out of the registry again, which may be an
 * embedding service's and outlive the node.
 */
final class JobMeters implements AutoCloseable {
    /** Of the semantic conventions, which are still in development. */
    private static final String TIME_TO_FIRST_TOKEN = "gen_ai.server.time_to_first_token";

    private static final String REQUEST_DURATION = "gen_ai.server.request.duration";
    private static final String TOKEN_USAGE = "gen_ai.client.token.usage";
    private static final String MODEL = "gen_ai.request.model";
    private static final String TOKEN_TYPE = "gen_ai.token.type";
    private static final String ERROR_TYPE = "error.type";
    private static final String NO_ERROR = "none";

    /** Workers name models, and every name is a time series. */
    private static final int MAX_MODELS = 256;

    private static final String OTHER_MODEL = "other";

    private final MeterRegistry registry;
    private final Set<Meter> mine = ConcurrentHashMap.newKeySet();
    private final Set<String> models = ConcurrentHashMap.newKeySet();

    JobMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Shows how many jobs run and how many workers are linked. */
    void gauges(IntSupplier runningJobs, IntSupplier links) {
        keep(Gauge.builder("decentral.jobs.running", () -> runningJobs.getAsInt())
                .description("Jobs that run now")
                .register(registry));
        keep(Gauge.builder("decentral.links.open", () -> links.getAsInt())
                .description("Workers that are linked")
                .register(registry));
    }

    /** A job was refused before its lock. */
    void refused(ErrorCode why) {
        keep(registry.counter("decentral.jobs.refused", ERROR_TYPE, wireName(why)))
                .increment();
    }

    /** An attempt failed before its first token, and another one follows. */
    void rerouted(ErrorCode why) {
        keep(registry.counter("decentral.jobs.rerouted", ERROR_TYPE, wireName(why)))
                .increment();
    }

    /** From the lock to the first output. */
    void started(ModelId model, Duration sinceLock) {
        keep(Timer.builder(TIME_TO_FIRST_TOKEN).tags(tags(model)).register(registry))
                .record(sinceLock);
    }

    /** A job was proved and goes to the ledger. */
    void proved(ModelId model, Duration sinceLock, Usage usage) {
        ended(model, sinceLock, NO_ERROR);
        tokens(model, "input", usage.inputTokens());
        tokens(model, "output", usage.outputTokens());
    }

    /** A job ended with an error. */
    void failed(ModelId model, Duration sinceLock, ErrorCode why) {
        ended(model, sinceLock, wireName(why));
    }

    private void ended(ModelId model, Duration sinceLock, String error) {
        keep(Timer.builder(REQUEST_DURATION)
                        .tags(tags(model).and(ERROR_TYPE, error))
                        .register(registry))
                .record(sinceLock);
    }

    private void tokens(ModelId model, String type, int count) {
        keep(DistributionSummary.builder(TOKEN_USAGE)
                        .baseUnit("tokens")
                        .tags(tags(model).and(TOKEN_TYPE, type))
                        .register(registry))
                .record(count);
    }

    private Tags tags(ModelId model) {
        String name = model.value();
        if (!models.contains(name)) {
            if (models.size() >= MAX_MODELS) {
                return Tags.of(MODEL, OTHER_MODEL);
            }
            models.add(name);
        }
        return Tags.of(MODEL, name);
    }

    private static String wireName(ErrorCode code) {
        return code.name().toLowerCase(Locale.ROOT);
    }

    private <M extends Meter> M keep(M meter) {
        mine.add(meter);
        return meter;
    }

    @Override
    public void close() {
        mine.forEach(registry::remove);
    }
}
