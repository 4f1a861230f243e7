package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.receipt.Receipt;

/** A routing policy that did not come with the node, as a jar on {@code DECENTRAL_PLUGINS}. */
@Timeout(600)
final class RoutingPluginIT {
    private static final Map<String, String> PREFER_EU = Map.of(
            "routing-policies.0.type", "prefer-region",
            "routing-policies.0.weight", "1",
            "routing-policies.0.region", "eu");
    private static final GatewayProcess.Plan WITHOUT = GatewayProcess.Plan.of("gateway", Map.of());

    @TempDir
    private static Path directory;

    private static GatewayProcess.Plan with() throws IOException {
        return WITHOUT.configuration(PREFER_EU)
                .environment(Map.of("DECENTRAL_PLUGINS", Built.samplePolicy().toString()));
    }

    /** How many of so many jobs the first worker gets. */
    private static int first(ThreeProcesses network, int jobs) throws Exception {
        int first = 0;
        for (int i = 0; i < jobs; i++) {
            String job = network.api()
                    .complete(GatewayApi.chat("Say the number " + i + ".", 2))
                    .ok()
                    .path("decentral")
                    .path("job")
                    .asText();
            Receipt receipt = GatewayApi.read(network.api().awaitReceipt(job));
            first += network.workerOf(receipt).equals(network.worker(0)) ? 1 : 0;
        }
        return first;
    }

    @Test
    void aPolicyOfAnotherJarDecidesWhereJobsGo() throws Exception {
        List<Map<String, String>> workers = List.of(Map.of("worker.region", "eu"), Map.of("worker.region", "us"));
        try (ThreeProcesses network = ThreeProcesses.start(directory, with(), workers)) {
            // The router never excludes a worker by its score: one job in a thousand may go to the worse one.
            assertThat(first(network, 12)).as("jobs that went to eu, of 12").isGreaterThanOrEqualTo(11);
            network.restartGateway(WITHOUT);
            assertThat(first(network, 20)).as("jobs that went to eu, of 20").isBetween(1, 19);
        }
    }

    @Test
    void aPolicyWhoseJarIsMissingStopsTheStartByName() throws Exception {
        GatewayProcess.Plan plan = WITHOUT.configuration(PREFER_EU);
        try (Launched gateway =
                Built.decentral("gateway", plan.arguments(directory.resolve("without-jar"), "--port", "0"), Map.of())) {
            assertThat(gateway.awaitExit(Duration.ofMinutes(2))).isEqualTo(1);
            assertThat(gateway.standardError())
                    .startsWith("decentral: ")
                    .contains("prefer-region", "available", "stake")
                    .hasLineCount(2);
        }
    }
}
