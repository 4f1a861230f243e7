package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The native engine of a worker dies under its jobs; the worker does not. */
@Timeout(600)
final class EngineCrashIT {
    private static final int STREAMS = 4;
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final Pattern BACK = Pattern.compile("engine llama-cpp is back");
    private static final Map<String, String> SLOTS = Map.of("backends.0.slots", "4");
    private static final GatewayProcess.Plan PLAN =
            GatewayProcess.Plan.of("gateway", Map.of("orchestrator.start-timeout", "PT1M"));

    @TempDir
    private static Path directory;

    private static ThreeProcesses network;

    @BeforeAll
    static void start() throws Exception {
        network = ThreeProcesses.start(directory, PLAN, List.of(SLOTS, SLOTS));
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    private static long host(WorkerProcess worker) {
        List<ProcessHandle> hosts = worker.process().children("decentral.engine=");
        assertThat(hosts).as("engine hosts of a worker").hasSize(1);
        return hosts.getFirst().pid();
    }

    private static void signal(long pid, String signal) throws Exception {
        int code = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(code).as("kill -%s", signal).isZero();
    }

    /** Suspended workers come back after a while. */
    private static void awaitService() throws Exception {
        Within.seconds(180)
                .until(
                        () -> network.api()
                                        .complete(GatewayApi.chat("Say hello.", 4))
                                        .status()
                                == 200,
                        "the network serves again");
    }

    @Test
    void jobsUnderWayEndWithAnErrorAndTheEnginesComeBack() throws Exception {
        List<Streamed> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(network.api().stream(GatewayApi.chat("Tell me a very long story about a dragon.", 400)));
        }
        for (Streamed stream : streams) {
            stream.readPieces(1);
        }
        List<Integer> marks = new ArrayList<>();
        for (WorkerProcess worker : network.workers()) {
            marks.add(worker.process().mark());
            signal(host(worker), "SEGV");
        }
        for (Streamed stream : streams) {
            stream.readToEnd();
            assertThat(stream.error()).as(stream.toString()).isPresent();
            assertThat(stream.reasons()).as("nothing is invented").isEmpty();
            stream.close();
        }
        for (int i = 0; i < marks.size(); i++) {
            Launched worker = network.worker(i).process();
            worker.awaitLine(marks.get(i), Pattern.compile("engine llama-cpp ended: SIGSEGV"), SOON);
            worker.awaitLine(marks.get(i), BACK, SOON);
        }
        awaitService();
    }

    @Test
    void aJobBeforeItsFirstTokenIsRerouted() throws Exception {
        awaitService();
        List<Long> hosts = network.workers().stream().map(EngineCrashIT::host).toList();
        long[] sent = network.workers().stream()
                .mapToLong(worker -> worker.tap().toWorker())
                .toArray();
        // Neither can give a first token, so whoever has the job has not begun it.
        for (long host : hosts) {
            signal(host, "STOP");
        }
        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            Future<Streamed> answer = one.submit(() -> network.api().stream(GatewayApi.chat("Say hello.", 8)));
            Within.seconds(10)
                    .until(
                            () -> network.worker(0).gotJob(sent[0])
                                    || network.worker(1).gotJob(sent[1]),
                            "one worker gets the job");
            int first = network.worker(0).gotJob(sent[0]) ? 0 : 1;
            signal(hosts.get(1 - first), "CONT");
            signal(hosts.get(first), "SEGV");
            signal(hosts.get(first), "CONT");
            try (Streamed stream = answer.get()) {
                stream.readToEnd();
                assertThat(stream.error()).isEmpty();
                assertThat(stream.reasons()).hasSize(1);
                network.gateway()
                        .process()
                        .awaitLine(
                                Pattern.compile("job " + stream.job() + " is rerouted from "
                                        + network.worker(first).account()),
                                SOON);
            }
            network.worker(first).process().awaitLine(BACK, SOON);
        } finally {
            for (WorkerProcess worker : network.workers()) {
                for (ProcessHandle host : worker.process().children("decentral.engine=")) {
                    signal(host.pid(), "CONT");
                }
            }
        }
    }
}
