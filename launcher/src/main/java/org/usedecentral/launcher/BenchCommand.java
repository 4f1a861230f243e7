package org.usedecentral.launcher;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.usedecentral.engine.HostedEngine;
import org.usedecentral.measure.Comparison;
import org.usedecentral.measure.Contender;
import org.usedecentral.measure.Contenders;
import org.usedecentral.measure.ProcessMeter;
import org.usedecentral.measure.Series;
import org.usedecentral.measure.Workload;
import org.usedecentral.node.Node;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.time.SystemTimers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures engines side by side. */
@Command(
        name = "bench",
        header = "Measures backends side by side, and what they may earn.",
        description =
                "Runs the configured backends, or those of --backend, in turn: time to the first token, gaps between"
                        + " tokens, tokens a second and per CPU second, memory. Stop other programs first. It does not start a"
                        + " node, takes no jobs and moves no money.")
final class BenchCommand implements Callable<Integer> {
    /** Nothing that is worth measuring takes longer for one round. */
    private static final Duration ROUND_LIMIT = Duration.ofMinutes(10);

    private static final long MOST_PID = 1L << 22;

    private final Session session;

    @Mixin
    final BenchOptions bench = new BenchOptions();

    @Mixin
    final EarningsOptions earnings = new EarningsOptions();

    @Option(names = "--json", paramLabel = "FILE", order = 14, description = "Writes everything as JSON; - prints it.")
    private @Nullable Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            order = 15,
            description = "Writes a report with plots: one file that needs nothing else.")
    private @Nullable Path html;

    @Mixin
    final NodeOptions node = new NodeOptions();

    @Mixin
    final CommonOptions common = new CommonOptions();

    BenchCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        List<Workload> workloads = bench.workloads();
        BenchEarnings estimate =
                new BenchEarnings(configuration(), earnings, bench.commands().keySet());
        session.shutdown().engage();
        ProgressLine downloads = new ProgressLine(session.terminal());
        try (DataDirectory directory = directory();
                Node engines = Node.builder()
                        .config(configuration())
                        .dataDirectory(directory.path())
                        .progress(downloads)
                        .enginesOnly(true)
                        .build()
                        .start()) {
            downloads.end();
            BenchProgress progress = new BenchProgress(session.terminal(), bench.rounds());
            List<Series> series =
                    new Comparison(contenders(engines.backends()), workloads, bench.rounds()).run(progress);
            progress.end();
            session.shutdown().check();
            publish(new BenchReport(
                    BenchMachine.here(SystemTimers.CLOCK), bench.rounds(), series, estimate.of(series)));
            return series.stream().allMatch(one -> one.rounds().isEmpty()) ? Commands.FAILED : 0;
        }
    }

    /** The node's own where there is one, which may hold imported models; a run that begins from nothing leaves nothing. */
    private DataDirectory directory() {
        Path usual = node.directory(session.surroundings());
        boolean there = Files.isDirectory(usual)
                || node.namedDirectory(session.surroundings()).isPresent();
        return there ? DataDirectory.open(usual) : DataDirectory.temporary();
    }

    /** The node's configuration, with the backends of the command line instead of its own where there are any. */
    private Config configuration() {
        Map<String, String> role = Map.of("orchestrator.enabled", "false", "worker.enabled", "true");
        Config said = node.config(session.surroundings(), role, Map.of());
        if (bench.backends().isEmpty() && bench.commands().isEmpty()) {
            return said;
        }
        Map<String, String> keys = new HashMap<>(said.detach().asMap().orElse(Map.of()));
        keys.keySet().removeIf(key -> key.startsWith("backends.") || key.startsWith("worker.models."));
        for (int i = 0; i < bench.backends().size(); i++) {
            bench.backends().get(i).addTo(keys, i);
        }
        return Config.just(ConfigSources.create(keys));
    }

    private List<Contender> contenders(List<InferenceBackend> backends) {
        Contenders maker = new Contenders(System::nanoTime, ROUND_LIMIT);
        List<Contender> contenders = new ArrayList<>();
        bench.commands()
                .forEach((name, command) -> contenders.add(
                        maker.command(name, List.of(command.strip().split("\\s+")))));
        for (InferenceBackend backend : backends) {
            contenders.addAll(maker.of(backend, meter(backend)));
        }
        if (contenders.isEmpty()) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "there is nothing to measure: no backend has a model; name one with --backend or in the list"
                            + " backends");
        }
        requireDistinct(contenders);
        return contenders;
    }

    private void requireDistinct(List<Contender> contenders) {
        Set<String> names = new HashSet<>();
        for (Contender contender : contenders) {
            if (!names.add(contender.name() + " " + contender.model())) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "two backends are called " + contender.name() + " and run " + contender.model()
                                + ": give each a name of its own (name=…)");
            }
        }
        for (String name : bench.pids().keySet()) {
            if (contenders.stream().noneMatch(contender -> contender.name().equals(name))) {
                throw DecentralException.invalid("--pid", "--pid: no backend is called " + name);
            }
        }
    }

    private ProcessMeter meter(InferenceBackend backend) {
        Long pid = bench.pids().get(backend.name());
        if (pid != null) {
            if (pid < 1 || pid > MOST_PID || ProcessHandle.of(pid).isEmpty()) {
                throw DecentralException.invalid("--pid", "--pid " + backend.name() + ": there is no process " + pid);
            }
            return ProcessMeter.of(() -> pid);
        }
        if (backend instanceof HostedEngine hosted) {
            return ProcessMeter.of(() -> hosted.pid().orElse(ProcessMeter.HIDDEN));
        }
        boolean elsewhere = !backend.devices().isEmpty()
                && backend.devices().stream().allMatch(device -> device.kind() == Device.Kind.REMOTE);
        return elsewhere ? ProcessMeter.hidden() : ProcessMeter.own();
    }

    private void publish(BenchReport report) throws IOException {
        boolean printed = json != null && json.toString().equals("-");
        if (json != null) {
            String text = report.json().toPrettyString();
            if (printed) {
                session.terminal().out().println(text);
            } else {
                SavedFile.write(json, Bytes.of((text + "\n").getBytes(StandardCharsets.UTF_8)));
            }
        }
        if (html != null) {
            SavedFile.write(html, Bytes.of(BenchPage.of(report).getBytes(StandardCharsets.UTF_8)));
        }
        if (!printed) {
            BenchTable.print(report, session.terminal().out());
        }
    }
}
