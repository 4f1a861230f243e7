package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM while jobs run: the first one lets them finish, the second does not. */
@Timeout(600)
final class DrainIT {
    private static final String LONG_PROMPT = "Write the numbers from 1 to 500, separated by commas.";
    private static final Duration SOON = Duration.ofMinutes(1);
    private static final Pattern WAITING = Pattern.compile("waiting up to [0-9]+ s for 1 job");
    private static final GatewayProcess.Plan GATEWAY = GatewayProcess.Plan.of("gateway", Map.of());

    @TempDir
    private Path directory;

    @Test
    void aWorkerThatIsStoppedFinishesItsJobAndTakesNoOther() throws Exception {
        Map<String, String> patient = Map.of("worker.drain-timeout", "PT3M");
        try (ThreeProcesses network = ThreeProcesses.start(directory, GATEWAY, List.of(patient));
                Streamed stream = network.api().stream(GatewayApi.chat(LONG_PROMPT, 400))) {
            Launched worker = network.worker(0).process();
            stream.readPieces(3);
            worker.signal("TERM");
            worker.awaitLine(WAITING, SOON);
            Within.seconds(30)
                    .until(
                            () -> network.api()
                                            .complete(GatewayApi.chat("Say hello.", 4))
                                            .status()
                                    == 503,
                            "new jobs are refused");
            stream.readToEnd();
            assertThat(stream.error()).isEmpty();
            assertThat(stream.reasons()).hasSize(1);
            assertThat(stream.ends()).isEqualTo(1);
            assertThat(worker.awaitExit(SOON)).isEqualTo(143);
            assertThat(worker.standardError()).contains("stopping…", "stopped\n");
            assertThat(GatewayApi.read(network.api().awaitReceipt(stream.job()))
                            .settlement()
                            .state()
                            .name())
                    .isEqualTo("SETTLED");
            GatewayApi.Answer refused = network.api().complete(GatewayApi.chat("Say hello.", 4));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.error()).isEqualTo("no_worker");
        }
    }

    @Test
    void aSecondSignalEndsAtOnceAndTheGraceIsLimited() throws Exception {
        cutOff("PT10M", true);
        cutOff("PT1S", false);
    }

    private void cutOff(String grace, boolean twice) throws Exception {
        List<Map<String, String>> one = List.of(Map.of("worker.drain-timeout", grace));
        try (ThreeProcesses network = ThreeProcesses.start(directory.resolve(grace), GATEWAY, one);
                Streamed stream = network.api().stream(GatewayApi.chat(LONG_PROMPT, 1_500))) {
            Launched worker = network.worker(0).process();
            stream.readPieces(3);
            worker.signal("TERM");
            worker.awaitLine(WAITING, SOON);
            if (twice) {
                worker.signal("TERM");
            }
            assertThat(worker.awaitExit(Duration.ofSeconds(30))).isEqualTo(143);
            assertThat(worker.standardError()).contains("stopped\n");
            stream.readToEnd();
            assertThat(stream.error()).as("cut off, and it says so").isPresent();
        }
    }

    @Test
    void aWholeNodeThatIsStoppedFinishesItsJobAndTakesNoOther() throws Exception {
        GatewayProcess.Plan plan = GatewayProcess.Plan.of(
                "up", Map.of("backends.0.threads", "1", "backends.0.context", "2048", "worker.drain-timeout", "PT3M"));
        try (GatewayProcess up = GatewayProcess.start(plan, directory.resolve("up"));
                Streamed stream = up.api().stream(GatewayApi.chat(LONG_PROMPT, 300))) {
            stream.readPieces(3);
            up.process().signal("INT");
            up.process().awaitLine(WAITING, SOON);
            GatewayApi.Answer refused = up.api().complete(GatewayApi.chat("Say hello.", 4));
            assertThat(refused.status()).isEqualTo(503);
            stream.readToEnd();
            assertThat(stream.error()).isEmpty();
            assertThat(stream.reasons()).hasSize(1);
            assertThat(up.process().awaitExit(SOON)).isEqualTo(130);
            assertThat(up.process().standardError()).endsWith("stopped\n").doesNotContain("ERROR", "WARN");
        }
    }
}
