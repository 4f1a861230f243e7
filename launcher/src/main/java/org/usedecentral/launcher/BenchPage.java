package org.usedecentral.launcher;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.usedecentral.measure.Series;
import org.usedecentral.measure.Spread;

/** A report as one HTML file that asks nobody for anything: no script, no font, no picture from elsewhere. Well-formed XML too. Stateless. */
final class BenchPage {
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>Decentral bench</title>
            <style>
            """;

    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1c1f24; --dim: #667; --line: #d9dce3; --back: #fff; --row: #f4f6f9;
              --c0: #2667c9; --c1: #c2521d; --c2: #2c8a4b; --c3: #8a3fb0; --c4: #a07a00; --c5: #c02a5e; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6e8ec; --dim: #9aa3b2; --line: #363b45; --back: #15181d;
              --row: #1d2128; --c0: #78a9f5; --c1: #f29a69; --c2: #6fcb8b; --c3: #c791e6; --c4: #dbbd4a; --c5: #f083a8; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); margin: 2rem auto;
              max-width: 72rem; padding: 0 1rem; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
            .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.5rem; }
            figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
            svg text { font-size: 11px; fill: var(--dim); } .end { text-anchor: end; } .mid { text-anchor: middle; }
            .grid { stroke: var(--line); } path { fill: none; stroke-width: 2; }
            .key { margin: 0; font-size: 13px; } .key span { margin-right: 1rem; }
            .key i { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .35em; }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
            th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
            th.word, td.word { text-align: left; } tr:nth-child(even) td { background: var(--row); }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dt { color: var(--dim); } dd { margin: 0; }
            """;

    private BenchPage() {}

    static String of(BenchReport report) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append(STYLE);
        for (int i = 0; i < 6; i++) {
            page.append(String.format(
                    Locale.ROOT,
                    "path.c%1$d, line.c%1$d { stroke: var(--c%1$d); } circle.c%1$d { fill: var(--c%1$d); }"
                            + " .b%1$d { background: var(--c%1$d); }%n",
                    i));
        }
        page.append("</style>\n</head>\n<body>\n<h1>Decentral bench</h1>\n");
        machine(page, report);
        plots(page, report.series());
        for (BenchTable.Part part : BenchTable.parts(report)) {
            table(page, part);
        }
        List<String> notRun = BenchTable.notRun(report.series());
        if (!notRun.isEmpty()) {
            page.append("<h2>Not run</h2>\n<ul>\n");
            notRun.forEach(line -> page.append("<li>").append(Plot.escape(line)).append("</li>\n"));
            page.append("</ul>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }

    private static void machine(StringBuilder page, BenchReport report) {
        BenchMachine machine = report.machine();
        page.append("<dl>\n");
        fact(page, "when", machine.date().toString());
        fact(page, "processor", machine.processor() + ", " + machine.processors() + " usable");
        fact(page, "memory", (machine.memoryBytes() >> 20) + " MiB");
        fact(page, "system", machine.software().system());
        fact(
                page,
                "software",
                "Decentral " + machine.software().decentral() + ", Java "
                        + machine.software().java());
        fact(page, "load when it ended", String.format(Locale.ROOT, "%.2f", machine.loadAverage()));
        fact(page, "rounds", report.rounds() + ", backends in turn; bars reach from the lowest to the highest");
        page.append("</dl>\n");
    }

    private static void fact(StringBuilder page, String name, String value) {
        page.append("<dt>")
                .append(name)
                .append("</dt><dd>")
                .append(Plot.escape(value))
                .append("</dd>\n");
    }

    private static void plots(StringBuilder page, List<Series> series) {
        List<Series> generating = series.stream()
                .filter(one -> !one.rounds().isEmpty() && !one.embeds())
                .toList();
        List<Series> embedding = series.stream().filter(Series::embeds).toList();
        page.append("<div class=\"plots\">\n");
        plot(
                page,
                "Decode, tokens a second, all streams",
                generating,
                one -> one.generation(round -> round.decode().perSecond()));
        plot(
                page,
                "Decode, tokens a CPU second",
                generating,
                one -> one.generation(round -> round.decode().perCpuSecond()));
        plot(
                page,
                "Prefill, tokens a second, all streams",
                generating,
                one -> one.generation(round -> round.prefill().perSecond()));
        plot(
                page,
                "Time to the first token, median, seconds",
                generating,
                one -> one.generation(round -> round.timeToFirst().count() == 0
                        ? Double.NaN
                        : round.timeToFirst().p50()));
        plot(
                page,
                "Gap between tokens, 99th percentile, seconds",
                generating,
                one -> one.generation(round ->
                        round.gaps().count() == 0 ? Double.NaN : round.gaps().p99()));
        plot(
                page,
                "Embeddings a second, all callers",
                embedding,
                one -> one.embedding(round -> round.embeddings().perSecond()));
        page.append("</div>\n");
    }

    private static void plot(StringBuilder page, String title, List<Series> series, Function<Series, Spread> figure) {
        if (series.stream().noneMatch(one -> figure.apply(one).isKnown())) {
            return;
        }
        List<Integer> streams = series.stream()
                .map(one -> one.workload().streams())
                .distinct()
                .sorted()
                .toList();
        Set<String> names = new LinkedHashSet<>();
        series.forEach(one -> names.add(label(one)));
        List<Plot.Line> lines = new ArrayList<>();
        for (String name : names) {
            lines.add(new Plot.Line(
                    name,
                    streams.stream()
                            .map(count -> series.stream()
                                    .filter(one -> label(one).equals(name)
                                            && one.workload().streams() == count)
                                    .map(figure)
                                    .findFirst()
                                    .orElse(Spread.NONE))
                            .toList()));
        }
        page.append(Plot.svg(title, streams, lines));
    }

    private static String label(Series series) {
        return series.name() + " · " + series.model();
    }

    private static void table(StringBuilder page, BenchTable.Part part) {
        page.append("<h2>").append(Plot.escape(part.title())).append("</h2>\n<div class=\"scroll\"><table>\n<tr>");
        row(page, part, part.heading(), "th");
        page.append("</tr>\n");
        for (List<String> line : part.rows()) {
            page.append("<tr>");
            row(page, part, line, "td");
            page.append("</tr>\n");
        }
        page.append("</table></div>\n");
    }

    private static void row(StringBuilder page, BenchTable.Part part, List<String> cells, String tag) {
        for (int i = 0; i < cells.size(); i++) {
            page.append('<').append(tag).append(i < part.left() ? " class=\"word\">" : ">");
            page.append(Plot.escape(cells.get(i))).append("</").append(tag).append('>');
        }
    }
}
