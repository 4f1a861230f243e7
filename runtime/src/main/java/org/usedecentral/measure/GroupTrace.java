package org.usedecentral.measure;

import java.util.List;

/**
 * What several streams at once did, and what their engine's process had used at the turns between the phases.
 *
 * @param started all were asked for
 * @param flowing each had its first token
 * @param thinning the first of them had its last token
 */
record GroupTrace(List<StreamTrace> streams, Mark started, Mark flowing, Mark thinning) {
    /** A moment. */
    record Mark(long nanos, ProcessMeter.Use use) {}

    GroupTrace {
        streams = List.copyOf(streams);
    }

    /** From the start to the last stream's first token; tokens of a prefix cache are not counted. */
    Stretch prefill() {
        double tokens = 0;
        for (StreamTrace stream : streams) {
            tokens += stream.usage().inputTokens() - stream.usage().cachedInputTokens();
        }
        return new Stretch(tokens, seconds(started, flowing), cpuSeconds(started, flowing));
    }

    /** While all streams decode and none is in its prefill: from the last first token to the first last one. */
    Stretch decode() {
        if (thinning.nanos() - flowing.nanos() <= 0) {
            return Stretch.NONE;
        }
        double tokens = 0;
        for (StreamTrace stream : streams) {
            tokens += stream.tokensWithin(flowing.nanos(), thinning.nanos());
        }
        return new Stretch(tokens, seconds(flowing, thinning), cpuSeconds(flowing, thinning));
    }

    Percentiles timesToFirst() {
        return Percentiles.of(
                streams.stream().mapToDouble(StreamTrace::secondsToFirst).toArray());
    }

    /** Over all streams and their whole length, also while others are in their prefill. */
    Percentiles gaps() {
        int count = streams.stream().mapToInt(stream -> stream.size() - 1).sum();
        double[] gaps = new double[count];
        int next = 0;
        for (StreamTrace stream : streams) {
            for (int i = 1; i < stream.size(); i++) {
                gaps[next++] = stream.gapSeconds(i);
            }
        }
        return Percentiles.of(gaps);
    }

    /** Over all streams. */
    long outputTokens() {
        return streams.stream()
                .mapToLong(stream -> stream.usage().outputTokens())
                .sum();
    }

    private static double seconds(Mark from, Mark to) {
        return (to.nanos() - from.nanos()) / 1e9;
    }

    private static double cpuSeconds(Mark from, Mark to) {
        return cpuSeconds(from.use(), to.use());
    }

    /** {@code NaN} where the process cannot be seen, or is another one than before. */
    static double cpuSeconds(ProcessMeter.Use from, ProcessMeter.Use to) {
        boolean seen = from.cpuNanos() >= 0 && to.cpuNanos() >= from.cpuNanos();
        return seen ? (to.cpuNanos() - from.cpuNanos()) / 1e9 : Double.NaN;
    }
}
