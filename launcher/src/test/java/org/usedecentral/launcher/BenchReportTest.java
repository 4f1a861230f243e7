package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.usedecentral.measure.Percentiles;
import org.usedecentral.measure.ProcessMeter;
import org.usedecentral.measure.Round;
import org.usedecentral.measure.Series;
import org.usedecentral.measure.Spread;
import org.usedecentral.measure.Stretch;
import org.usedecentral.measure.Workload;
import org.w3c.dom.Document;

final class BenchReportTest {
    private static final BenchMachine MACHINE = new BenchMachine(
            Instant.parse("2026-01-01T00:00:00Z"),
            "A & B <fast>",
            2,
            4L << 30,
            new BenchMachine.Software("Linux", "25", "0.1.0"),
            0.5);
    private static final ProcessMeter.Use MEMORY = new ProcessMeter.Use(1, 50 << 20, 100 << 20);
    private static final ProcessMeter.Use UNSEEN =
            new ProcessMeter.Use(ProcessMeter.HIDDEN, ProcessMeter.HIDDEN, ProcessMeter.HIDDEN);

    private static Round generated(double decode, double cpu, ProcessMeter.Use memory) {
        return new Round.Generation(
                new Stretch(1000, 2, 1),
                new Stretch(decode, 1, cpu),
                new Percentiles(4, 0.2, 0.3, 0.4, 0.5),
                new Percentiles(100, 0.01, 0.02, 0.03, 0.04),
                512,
                memory);
    }

    private static final Workload FOUR = new Workload(4, 100, 100, false);

    private static final List<Series> SERIES = List.of(
            new Series(
                    "llama-cpp",
                    "small",
                    FOUR,
                    List.of(generated(40, 0.5, MEMORY), generated(60, 0.5, MEMORY), generated(50, 0.5, MEMORY)),
                    ""),
            new Series("remote <x>", "small", FOUR, List.of(generated(20, Double.NaN, UNSEEN)), ""),
            new Series(
                    "djl",
                    "minilm",
                    FOUR,
                    List.of(new Round.Embedding(
                            new Stretch(128, 2, 4),
                            new Stretch(2560, 2, 4),
                            new Percentiles(4, 0.1, 0.1, 0.1, 0.1),
                            MEMORY)),
                    ""),
            new Series("llama-cpp", "small", new Workload(16, 100, 100, false), List.of(), "it has 4 slots"));

    private static BenchReport report() {
        BenchEarnings earnings = new BenchEarnings(
                Config.just(ConfigSources.create(Map.of(
                        "worker.model-prices.0.model", "small",
                        "worker.model-prices.0.input", "1000000",
                        "worker.model-prices.0.output", "2000000"))),
                new EarningsOptions(),
                Set.of());
        return new BenchReport(MACHINE, 3, SERIES, earnings.of(SERIES));
    }

    @Test
    void theJsonHasARowForEachBackendModelAndNumberOfStreams() throws Exception {
        JsonNode json = new ObjectMapper().readTree(report().json().toString());
        assertThat(json.path("date").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(json.at("/machine/processors").asInt()).isEqualTo(2);
        assertThat(json.path("rows")).hasSize(4);
        JsonNode row = json.path("rows").get(0);
        assertThat(row.path("backend").asText()).isEqualTo("llama-cpp");
        assertThat(row.path("streams").asInt()).isEqualTo(4);
        assertThat(row.at("/decode_tokens_per_second/median").asDouble()).isEqualTo(50);
        assertThat(row.at("/decode_tokens_per_second/low").asDouble()).isEqualTo(40);
        assertThat(row.at("/decode_tokens_per_second/high").asDouble()).isEqualTo(60);
        assertThat(row.at("/decode_tokens_per_cpu_second/median").asDouble()).isEqualTo(100);
        assertThat(row.at("/prefill_tokens_per_second/median").asDouble()).isEqualTo(500);
        assertThat(row.at("/time_to_first_token/p90/median").asDouble()).isEqualTo(0.3);
        assertThat(row.at("/inter_token_latency/worst/median").asDouble()).isEqualTo(0.04);
        assertThat(row.at("/worst_gap_over_median/median").asDouble()).isEqualTo(4);
        assertThat(row.path("peak_bytes").asLong()).isEqualTo(100 << 20);
        JsonNode remote = json.path("rows").get(1);
        assertThat(remote.path("decode_tokens_per_cpu_second").isNull()).isTrue();
        assertThat(remote.path("peak_bytes").isNull()).isTrue();
        assertThat(json.path("rows").get(2).at("/embeddings_per_second/median").asDouble())
                .isEqualTo(64);
        assertThat(json.path("rows").get(3).path("failure").asText()).isEqualTo("it has 4 slots");
    }

    @Test
    void earningsAreByTheConfiguredPrices() throws Exception {
        JsonNode earnings =
                new ObjectMapper().readTree(report().json().toString()).path("earnings");
        assertThat(earnings).hasSize(2);
        // 0.2 s + 2 s a job, 30 % of the day; 300 base units a job, of which 225 are the worker's.
        assertThat(earnings.get(0).path("jobs_per_day").asLong()).isEqualTo(11_781);
        assertThat(earnings.get(0).path("per_day").asLong()).isEqualTo(11_781L * 225);
        assertThat(earnings.get(0).path("per_month").asLong()).isEqualTo(11_781L * 225 * 30);
        assertThat(earnings.get(0).path("share_basis_points").asInt()).isEqualTo(7500);
    }

    @Test
    void theTableSaysWhatIsMissing() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BenchTable.print(report(), new PrintStream(out, true, StandardCharsets.UTF_8));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines)
                .anyMatch(line -> line.matches("llama-cpp +small +4 +50\\.0 +100\\.0 +500\\.0 +200\\.0 .* 4\\.0 +100"))
                .anyMatch(line -> line.matches("remote <x> +small +4 +20\\.0 +- .* -"))
                .anyMatch(line -> line.matches("djl +minilm +4 +64\\.0 +32\\.0 +1280\\.0 .*"))
                .anyMatch(line -> line.matches("llama-cpp +small +4 +11781 +2\\.650725 +79\\.521750 .*"))
                .contains("not run: llama-cpp small with 16 streams: it has 4 slots");
    }

    @Test
    void thePageIsWellFormedAndAsksNobody() throws Exception {
        String html = BenchPage.of(report());
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setExpandEntityReferences(false);
        Document page =
                factory.newDocumentBuilder().parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
        assertThat(page.getDocumentElement().getNodeName()).isEqualTo("html");
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(6);
        assertThat(page.getElementsByTagName("table").getLength()).isEqualTo(3);
        assertThat(page.getElementsByTagName("script").getLength()).isZero();
        assertThat(html)
                .doesNotContain("http:", "https:", "//www", "url(", "@import", "src=", "href=", "<fast>")
                .contains("prefers-color-scheme: dark", "A &amp; B &lt;fast&gt;", "remote &lt;x&gt;", "it has 4 slots");
    }

    @Test
    void aPlotBeginsAtZeroAndHoldsEveryRound() {
        String svg = Plot.svg(
                "speed",
                List.of(1, 4),
                List.of(new Plot.Line("a", List.of(new Spread(10, 8, 12), Spread.of(DoubleStream.empty())))));
        assertThat(svg).contains(">0</text>", ">12</text>", "a: 10.00 (8.000 … 12.00)");
        assertThat(svg.split("<circle", -1)).hasSize(2);
        assertThat(Plot.svg("nothing", List.of(), List.of())).contains("<svg");
    }
}
