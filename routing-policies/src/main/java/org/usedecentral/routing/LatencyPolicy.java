package org.usedecentral.routing;

import java.time.Duration;
import java.util.List;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;

/**
 * Prefers workers that will be done sooner with this very job.
 *
 * <p>Expected time t = round trip + input tokens / prefill speed + expected output tokens / decode speed. With m the lower median
 * of all t: score = m / (m + t), so the typical worker scores 0.5, and one that claims to be endlessly fast reaches 1 without
 * lowering the others. A worker whose decode speed is unknown gets no opinion; an unknown prefill speed is taken as ten times the
 * decode speed, which engines rarely stay below.
 */
final class LatencyPolicy implements RoutingPolicy {
    static final String TYPE = "latency";
    private static final double PREFILL_OVER_DECODE = 10;
    private static final double SHORTEST = 1e-6;
    private static final double LONGEST = 1e15;

    private final String name;
    private final double expectedOutput;

    /** A policy that expects that many tokens of output, or the most a job allows if that is less. */
    LatencyPolicy(String name, double expectedOutput) {
        this.name = name;
        this.expectedOutput = expectedOutput;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores) {
        double input = job.inputTokens();
        double output = Math.min(job.maxOutputTokens(), expectedOutput);
        LowerMedian median = new LowerMedian();
        for (int i = 0; i < candidates.size(); i++) {
            double seconds = expected(candidates.get(i), input, output);
            scores[i] = seconds;
            if (seconds > 0) {
                median.add(seconds);
            }
        }
        double typical = median.isEmpty() ? Double.NaN : median.value();
        for (int i = 0; i < candidates.size(); i++) {
            scores[i] = typical / (typical + scores[i]);
        }
    }

    /** Seconds; NaN when unknown. */
    private static double expected(WorkerSnapshot worker, double input, double output) {
        double decode = worker.decodeSpeed();
        if (!(decode > 0)) {
            return Double.NaN;
        }
        double prefill = worker.prefillSpeed() > 0 ? worker.prefillSpeed() : PREFILL_OVER_DECODE * decode;
        Duration roundTrip = worker.roundTrip();
        double away = roundTrip.getSeconds() + roundTrip.getNano() * 1e-9;
        double seconds = Math.max(0, away) + input / prefill + output / decode;
        return Math.clamp(seconds, SHORTEST, LONGEST);
    }
}
