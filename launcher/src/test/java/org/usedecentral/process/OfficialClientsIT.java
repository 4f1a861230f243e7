package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own clients, installed from their locks, against {@code decentral up}. Their checks are in {@code src/test/clients}. */
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OfficialClientsIT {
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);
    private static final Duration RUN_LIMIT = Duration.ofMinutes(10);
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Names of the checks, which both languages must have. */
    private static final Map<String, TreeSet<String>> CHECKS = new HashMap<>();

    @TempDir
    private static Path directory;

    private static GatewayProcess up;

    @BeforeAll
    static void start() throws Exception {
        // One slot, so that one that is not freed is noticed; a short context, so that a prompt is soon too long.
        Map<String, String> small = Map.of(
                "backends.0.type", "llama-cpp",
                "backends.0.slots", "1",
                "backends.0.threads", "1",
                "backends.0.context", "1024",
                "worker.models.0", Built.MODEL);
        up = GatewayProcess.start(GatewayProcess.Plan.of("up", small), directory.resolve("up"));
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            assertThat(up.process().stop()).as("exit code of up after SIGTERM").isEqualTo(143);
            assertThat(up.process().standardError()).contains("stopping…\n").endsWith("stopped\n");
        } finally {
            up.close();
        }
    }

    // Refusals before answers: what a job gives back some seconds later would look like money that a refusal moved.

    @TestFactory
    @Order(1)
    List<DynamicTest> pythonIsRefused() throws Exception {
        return python("refusals");
    }

    @TestFactory
    @Order(2)
    List<DynamicTest> nodeIsRefused() throws Exception {
        return node("refusals");
    }

    @TestFactory
    @Order(3)
    List<DynamicTest> pythonIsAnswered() throws Exception {
        return python("answers");
    }

    @TestFactory
    @Order(4)
    List<DynamicTest> nodeIsAnswered() throws Exception {
        return node("answers");
    }

    private static List<DynamicTest> python(String group) throws Exception {
        Path folder = InstalledClient.python(INSTALL_LIMIT);
        Path script = Built.clients().resolve("python/official.py");
        return run(group, List.of("python3", script.toString(), group), Map.of("PYTHONPATH", folder.toString()));
    }

    private static List<DynamicTest> node(String group) throws Exception {
        Path folder = InstalledClient.node(INSTALL_LIMIT);
        // Where Node looks for what a script imports is beside the script.
        Path script = folder.resolve("official.mjs");
        Files.write(script, Files.readAllBytes(Built.clients().resolve("node/official.mjs")));
        return run(group, List.of("node", script.toString(), group), Map.of());
    }

    private static List<DynamicTest> run(String group, List<String> words, Map<String, String> environment)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("OPENAI_BASE_URL", up.api().base().toString());
        all.put("OPENAI_API_KEY", up.api().key());
        all.put("MODEL", Built.MODEL);
        all.put("PYTHONDONTWRITEBYTECODE", "1");
        all.put("PYTHONNOUSERSITE", "1");
        all.put("NO_PROXY", "127.0.0.1");
        try (Launched client = Launched.start(new Launched.Command(words.getFirst(), words, directory, all))) {
            int code = client.awaitExit(RUN_LIMIT);
            List<DynamicTest> tests = new ArrayList<>();
            TreeSet<String> names = new TreeSet<>();
            boolean failed = false;
            for (String line : client.standardOutput().lines().toList()) {
                JsonNode result = MAPPER.readTree(line);
                String error = result.path("error").asText(null);
                failed |= error != null;
                names.add(result.path("check").asText());
                tests.add(DynamicTest.dynamicTest(
                        result.path("check").asText(), () -> assertThat(error).isNull()));
            }
            int expected = failed ? 1 : 0;
            String said = client.standardError();
            TreeSet<String> others = CHECKS.computeIfAbsent(group, any -> names);
            tests.add(DynamicTest.dynamicTest("every check was run", () -> {
                assertThat(code).as(said).isEqualTo(expected);
                assertThat(names).hasSizeGreaterThan(5).isEqualTo(others);
            }));
            return tests;
        }
    }
}
