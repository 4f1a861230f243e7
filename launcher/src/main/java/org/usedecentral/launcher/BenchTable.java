package org.usedecentral.launcher;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.usedecentral.measure.Earnings;
import org.usedecentral.measure.ProcessMeter;
import org.usedecentral.measure.Series;
import org.usedecentral.measure.Spread;
import org.usedecentral.measure.Workload;

/** A report as rows of text, for a terminal and for the page. Medians over the rounds. Stateless. */
final class BenchTable {
    private static final String UNSEEN = "-";

    private BenchTable() {}

    /** Rows under a heading; the first {@code left} columns are words. */
    record Part(String title, List<String> heading, int left, List<List<String>> rows) {}

    static void print(BenchReport report, PrintStream out) {
        for (Part part : parts(report)) {
            out.println(part.title());
            print(part, out);
            out.println();
        }
        notRun(report.series()).forEach(out::println);
    }

    /** Everything that has rows. */
    static List<Part> parts(BenchReport report) {
        List<Series> ran = report.series().stream()
                .filter(one -> !one.rounds().isEmpty())
                .sorted(Comparator.comparingInt(one -> one.workload().streams()))
                .toList();
        List<Part> parts = new ArrayList<>();
        add(parts, generation(ran.stream().filter(one -> !one.embeds()).toList(), report.rounds()));
        add(parts, embedding(ran.stream().filter(Series::embeds).toList(), report.rounds()));
        add(parts, earnings(report.earnings()));
        return parts;
    }

    private static void add(List<Part> parts, Part part) {
        if (!part.rows().isEmpty()) {
            parts.add(part);
        }
    }

    private static Part generation(List<Series> series, int rounds) {
        List<List<String>> rows = new ArrayList<>();
        for (Series one : series) {
            rows.add(List.of(
                    one.name(),
                    one.model(),
                    Integer.toString(one.workload().streams()),
                    number(one.generation(round -> round.decode().perSecond())),
                    number(one.generation(round -> round.decode().perCpuSecond())),
                    number(one.generation(round -> round.prefill().perSecond())),
                    millis(one.generation(round -> positive(round.timeToFirst().p50()))),
                    millis(one.generation(round -> positive(round.gaps().p50()))),
                    millis(one.generation(round -> positive(round.gaps().p90()))),
                    millis(one.generation(round -> positive(round.gaps().p99()))),
                    millis(one.generation(round -> positive(round.gaps().worst()))),
                    number(one.generation(BenchReport::worstOverMedian)),
                    mebibytes(one.peakBytes())));
        }
        String lengths = series.isEmpty() ? "" : lengths(series.getFirst().workload());
        return new Part(
                "Generating: medians of " + rounds + " rounds, " + lengths,
                List.of(
                        "backend",
                        "model",
                        "streams",
                        "decode tok/s",
                        "tok/CPU-s",
                        "prefill tok/s",
                        "TTFT ms",
                        "ITL p50 ms",
                        "p90",
                        "p99",
                        "worst",
                        "worst/p50",
                        "peak MiB"),
                2,
                rows);
    }

    private static String lengths(Workload workload) {
        return "prompts of " + (workload.mixed() ? "up to " : "about ") + workload.promptTokens()
                + " tokens, outputs of " + (workload.mixed() ? "up to " : "") + workload.outputTokens();
    }

    private static Part embedding(List<Series> series, int rounds) {
        List<List<String>> rows = new ArrayList<>();
        for (Series one : series) {
            rows.add(List.of(
                    one.name(),
                    one.model(),
                    Integer.toString(one.workload().streams()),
                    number(one.embedding(round -> round.embeddings().perSecond())),
                    number(one.embedding(round -> round.embeddings().perCpuSecond())),
                    number(one.embedding(round -> round.tokens().perSecond())),
                    millis(one.embedding(round -> round.calls().p50())),
                    millis(one.embedding(round -> round.calls().worst())),
                    mebibytes(one.peakBytes())));
        }
        return new Part(
                "Embedding: medians of " + rounds + " rounds",
                List.of(
                        "backend",
                        "model",
                        "callers",
                        "embeddings/s",
                        "per CPU-s",
                        "tok/s",
                        "call p50 ms",
                        "worst",
                        "peak MiB"),
                2,
                rows);
    }

    private static Part earnings(List<BenchEarnings.Estimate> estimates) {
        List<List<String>> rows = new ArrayList<>();
        for (BenchEarnings.Estimate estimate : estimates) {
            Earnings earned = estimate.earnings();
            rows.add(List.of(
                    estimate.series().name(),
                    estimate.series().model(),
                    Integer.toString(estimate.series().workload().streams()),
                    Long.toString(earned.jobs()),
                    usdc(earned.perDay()),
                    usdc(earned.perMonth()),
                    usdc(earned.electricity()),
                    usdc(earned.netPerMonth())));
        }
        String terms = "";
        if (!estimates.isEmpty()) {
            BenchEarnings.Estimate first = estimates.getFirst();
            terms = ": jobs of " + first.series().workload().promptTokens() + " + "
                    + first.series().workload().outputTokens() + " tokens "
                    + percent(first.operation().utilisationBasisPoints()) + " of the day, "
                    + percent(first.shareBasisPoints()) + " of the price, in USDC; an estimate, no promise of jobs";
        }
        return new Part(
                "Earnings at the best number of streams" + terms,
                List.of(
                        "backend",
                        "model",
                        "streams",
                        "jobs/day",
                        "a day",
                        "a month",
                        "electricity/day",
                        "net a month"),
                2,
                rows);
    }

    /** What is missing from the rows, and why. */
    static List<String> notRun(List<Series> series) {
        return series.stream()
                .filter(one -> !one.failure().isEmpty())
                .map(one -> "not run: " + one.name() + " " + one.model() + " with "
                        + BenchProgress.streams(one.workload()) + ": " + one.failure())
                .toList();
    }

    private static void print(Part part, PrintStream out) {
        int[] widths = new int[part.heading().size()];
        List<List<String>> lines = new ArrayList<>(part.rows());
        lines.addFirst(part.heading());
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String gap = " ".repeat(widths[i] - line.get(i).length());
                text.append(i == 0 ? "" : "  ").append(i < part.left() ? line.get(i) + gap : gap + line.get(i));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static double positive(double value) {
        return value > 0 ? value : Double.NaN;
    }

    private static String number(Spread spread) {
        return spread.isKnown() ? String.format(Locale.ROOT, "%.1f", spread.median()) : UNSEEN;
    }

    private static String millis(Spread seconds) {
        return seconds.isKnown() ? String.format(Locale.ROOT, "%.1f", seconds.median() * 1000) : UNSEEN;
    }

    private static String mebibytes(long bytes) {
        return bytes == ProcessMeter.HIDDEN ? UNSEEN : Long.toString(bytes >> 20);
    }

    private static String usdc(long baseUnits) {
        return BigDecimal.valueOf(baseUnits, 6).toPlainString();
    }

    private static String percent(int basisPoints) {
        return BigDecimal.valueOf(basisPoints, 2).stripTrailingZeros().toPlainString() + " %";
    }
}
