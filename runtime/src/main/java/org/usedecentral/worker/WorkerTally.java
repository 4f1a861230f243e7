package org.usedecentral.worker;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Usage;

/** Counts what a worker does, since its start. Thread-safe. */
final class WorkerTally {
    private static final int MAX_MODELS = 256;
    private static final double NANOS = 1e9;

    private final Map<String, Long> failures = new TreeMap<>();
    private final Map<ModelId, Pace> paces = new HashMap<>();
    private long done;
    private long failed;
    private long input;
    private long cachedInput;
    private long output;

    /**
     * A job that is done.
     *
     * @param prefillNanos from the request to the first event
     * @param decodeNanos from there to the last
     */
    record Sample(ModelId model, Usage usage, long prefillNanos, long decodeNanos) {}

    private static final class Pace {
        private long prefilled;
        private long prefillNanos;
        private long decoded;
        private long decodeNanos;
    }

    synchronized void done(Sample sample) {
        Usage usage = sample.usage();
        done++;
        input += usage.inputTokens();
        cachedInput += usage.cachedInputTokens();
        output += usage.outputTokens();
        if (paces.size() < MAX_MODELS || paces.containsKey(sample.model())) {
            Pace pace = paces.computeIfAbsent(sample.model(), _ -> new Pace());
            pace.prefilled += Math.max(0, usage.inputTokens() - usage.cachedInputTokens());
            pace.prefillNanos += sample.prefillNanos();
            // The first token is the prefill's.
            pace.decoded += Math.max(0, usage.outputTokens() - 1);
            pace.decodeNanos += sample.decodeNanos();
        }
    }

    synchronized void failed(ErrorCode code) {
        failed++;
        failures.merge(code.name(), 1L, Long::sum);
    }

    synchronized WorkerStatus.Jobs jobs(int running) {
        return new WorkerStatus.Jobs(
                running, done, failed, Map.copyOf(failures), new WorkerStatus.Tokens(input, cachedInput, output));
    }

    /** Tokens a second of that model's jobs; 0: there were none. */
    synchronized double prefill(ModelId model) {
        Pace pace = paces.get(model);
        return pace == null || pace.prefillNanos == 0 ? 0 : pace.prefilled * NANOS / pace.prefillNanos;
    }

    synchronized double decode(ModelId model) {
        Pace pace = paces.get(model);
        return pace == null || pace.decodeNanos == 0 ? 0 : pace.decoded * NANOS / pace.decodeNanos;
    }
}
