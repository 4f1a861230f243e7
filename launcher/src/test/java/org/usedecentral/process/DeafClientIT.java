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
    private static final int LONG = 600;

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
            deaf.awaitLine(Pattern.compile("^deaf \\d+$"), Duration.ofMinutes(2));
            long start = System.nanoTime();
            String expected = network.api()
                    .complete(GatewayApi.chat(PROMPT, 8))
                    .ok()
                    .path("choices")
                    .path(0)
                    .path("message")
                    .path("content")
                    .asText();
            int healthy = 0;
            // Until the gateway must have given up on them, even if the first write to block came late.
            while (System.nanoTime() - start < PATIENCE.multipliedBy(2).toNanos() || healthy < 5) {
                long asked = System.nanoTime();
                try (Streamed stream = network.api().stream(GatewayApi.chat(PROMPT, 8))) {
                    stream.readToEnd();
                    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(PATIENCE);
                    assertThat(stream.text()).isEqualTo(expected);
                    assertThat(stream.ends()).isEqualTo(1);
                    healthy++;
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
