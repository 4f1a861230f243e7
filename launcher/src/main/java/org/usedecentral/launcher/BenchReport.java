package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.usedecentral.measure.Percentiles;
import org.usedecentral.measure.ProcessMeter;
import org.usedecentral.measure.Round;
import org.usedecentral.measure.Series;
import org.usedecentral.measure.Spread;

/** All that a bench found. */
record BenchReport(BenchMachine machine, int rounds, List<Series> series, List<BenchEarnings.Estimate> earnings) {
    BenchReport {
        series = List.copyOf(series);
        earnings = List.copyOf(earnings);
    }

    /** A figure is {@code {median, low, high}} over the rounds, or null where it cannot be seen. Seconds, bytes, tokens, base units. */
    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("date", machine.date().toString())
                .put("decentral", machine.software().decentral());
        root.putObject("machine")
                .put("processor", machine.processor())
                .put("processors", machine.processors())
                .put("memory_bytes", machine.memoryBytes())
                .put("system", machine.software().system())
                .put("java", machine.software().java())
                .put("load_average", machine.loadAverage());
        root.put("rounds", rounds);
        var rows = root.putArray("rows");
        for (Series one : series) {
            ObjectNode row = rows.addObject()
                    .put("backend", one.name())
                    .put("model", one.model())
                    .put("streams", one.workload().streams())
                    .put("output_tokens", one.workload().outputTokens())
                    .put("prompt_tokens", one.workload().promptTokens())
                    .put("mixed", one.workload().mixed())
                    .put("rounds", one.rounds().size())
                    .put("failure", one.failure());
            if (one.embeds()) {
                addEmbedding(row, one);
            } else {
                addGeneration(row, one);
            }
            row.put("peak_bytes", seen(one.peakBytes()));
            row.put("resident_bytes", seen(one.residentBytes()));
        }
        addEarnings(root);
        return root;
    }

    private static @Nullable Long seen(long bytes) {
        return bytes == ProcessMeter.HIDDEN ? null : bytes;
    }

    private static void addGeneration(ObjectNode row, Series one) {
        put(
                row,
                "decode_tokens_per_second",
                one.generation(round -> round.decode().perSecond()));
        put(
                row,
                "decode_tokens_per_cpu_second",
                one.generation(round -> round.decode().perCpuSecond()));
        put(row, "decode_cpu_seconds", one.generation(round -> round.decode().cpuSeconds()));
        put(
                row,
                "prefill_tokens_per_second",
                one.generation(round -> round.prefill().perSecond()));
        put(
                row,
                "prefill_tokens_per_cpu_second",
                one.generation(round -> round.prefill().perCpuSecond()));
        putPercentiles(row, "time_to_first_token", one, Round.Generation::timeToFirst);
        putPercentiles(row, "inter_token_latency", one, Round.Generation::gaps);
        put(row, "worst_gap_over_median", one.generation(BenchReport::worstOverMedian));
    }

    /** How far the worst gap is from the usual one; {@code NaN} without gaps. */
    static double worstOverMedian(Round.Generation round) {
        return round.gaps().p50() > 0 ? round.gaps().worst() / round.gaps().p50() : Double.NaN;
    }

    private static void addEmbedding(ObjectNode row, Series one) {
        put(
                row,
                "embeddings_per_second",
                one.embedding(round -> round.embeddings().perSecond()));
        put(
                row,
                "embeddings_per_cpu_second",
                one.embedding(round -> round.embeddings().perCpuSecond()));
        put(row, "tokens_per_second", one.embedding(round -> round.tokens().perSecond()));
        ObjectNode calls = row.putObject("call_seconds");
        put(calls, "p50", one.embedding(round -> round.calls().p50()));
        put(calls, "p99", one.embedding(round -> round.calls().p99()));
        put(calls, "worst", one.embedding(round -> round.calls().worst()));
    }

    /** Which percentiles of a round. */
    private interface Times {
        Percentiles of(Round.Generation round);
    }

    private static void putPercentiles(ObjectNode row, String name, Series one, Times times) {
        ObjectNode node = row.putObject(name);
        put(node, "p50", seconds(one, times, Percentiles::p50));
        put(node, "p90", seconds(one, times, Percentiles::p90));
        put(node, "p99", seconds(one, times, Percentiles::p99));
        put(node, "worst", seconds(one, times, Percentiles::worst));
    }

    private static Spread seconds(Series one, Times times, ToDoubleFunction<Percentiles> which) {
        return one.generation(
                round -> times.of(round).count() == 0 ? Double.NaN : which.applyAsDouble(times.of(round)));
    }

    private static void put(ObjectNode node, String name, Spread spread) {
        if (spread.isKnown()) {
            node.putObject(name)
                    .put("median", spread.median())
                    .put("low", spread.low())
                    .put("high", spread.high());
        } else {
            node.putNull(name);
        }
    }

    private void addEarnings(ObjectNode root) {
        var array = root.putArray("earnings");
        for (BenchEarnings.Estimate estimate : earnings) {
            array.addObject()
                    .put("backend", estimate.series().name())
                    .put("model", estimate.series().model())
                    .put("streams", estimate.series().workload().streams())
                    .put("input_price", estimate.prices().input())
                    .put("output_price", estimate.prices().output())
                    .put("share_basis_points", estimate.shareBasisPoints())
                    .put("utilisation_basis_points", estimate.operation().utilisationBasisPoints())
                    .put("jobs_per_day", estimate.earnings().jobs())
                    .put("per_day", estimate.earnings().perDay())
                    .put("per_month", estimate.earnings().perMonth())
                    .put("electricity_per_day", estimate.earnings().electricity())
                    .put("net_per_day", estimate.earnings().netPerDay())
                    .put("net_per_month", estimate.earnings().netPerMonth());
        }
    }
}
