package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that stay and do not read, and what others notice of them: nothing. */
@Timeout(600)
final class DeafClientIT {
    private static final int DEAF = 3;
    private static final String PROMPT = "Write the numbers from 1 to 500, separated by commas.";

    /** At some 250 bytes a token, well beyond what the kernels of both ends take. */
    private static final int LONG = 400;

    /** The gateway waits 30 s for a client that does not read. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    @Test
    void clientsThatStopReadingHoldUpNobodyElse() throws Exception {
        Map<String, String> slots = Map.of("backends.0.slots", Integer.toString(DEAF + 1));
        GatewayProcess.Plan plan = GatewayProcess.Plan.of("gateway", Map.of());
        try (ThreeProcesses network = ThreeProcesses.start(directory, plan, List.of(slots, slots));
                Launched deaf = deaf(network.api())) {
            String[] jobs = deaf.awaitLine(Pattern.compile("^deaf (.+)$"), Duration.ofMinutes(2))
                    .group(1)
                    .split(" ");
            assertThat(jobs).hasSize(DEAF);
            String expected = whole(network.api());
            long allGenerated = 0;
            while (allGenerated == 0
                    || System.nanoTime() - allGenerated
                            < PATIENCE.plusSeconds(5).toNanos()) {
                long asked = System.nanoTime();
                try (Streamed stream = network.api().stream(GatewayApi.chat(PROMPT, 8))) {
                    stream.readToEnd();
                    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(PATIENCE);
                    assertThat(stream.text()).isEqualTo(expected);
                    assertThat(stream.ends()).isEqualTo(1);
                }
                if (allGenerated == 0 && areSettled(network.api(), jobs)) {
                    // From here on at the latest, writes to all of them block; the gateway gives up after its patience.
                    allGenerated = System.nanoTime();
                }
            }
            deaf.tell("read");
            Matcher rest = deaf.awaitLine(Pattern.compile("^rest (\\d+) (\\d+)$"), Duration.ofMinutes(2));
            assertThat(rest.group(2))
                    .as("streams that came to an end although their clients did not read")
                    .isEqualTo("0");
            network.api().awaitNothingLocked();
        }
    }

    private static String whole(GatewayApi api) throws Exception {
        return api.complete(GatewayApi.chat(PROMPT, 8))
                .ok()
                .path("choices")
                .path(0)
                .path("message")
                .path("content")
                .asText();
    }

    /** Workers are done with what no client has read: it fits the lanes' windows. */
    private static boolean areSettled(GatewayApi api, String[] jobs) throws Exception {
        for (String job : jobs) {
            if (api.job(job).path("state").asText().equals("locked")) {
                return false;
            }
        }
        return true;
    }

    private static Launched deaf(GatewayApi api) throws Exception {
        ObjectNode body = GatewayApi.chat(PROMPT, LONG).put("stream", true);
        List<String> words = List.of(
                "python3",
                Built.clients().resolve("python/deaf.py").toString(),
                Integer.toString(api.port()),
                Integer.toString(DEAF));
        Map<String, String> environment = Map.of("OPENAI_API_KEY", api.key(), "BODY", body.toString());
        return Launched.start(new Launched.Command("deaf clients", words, Built.target(), environment));
    }
}
