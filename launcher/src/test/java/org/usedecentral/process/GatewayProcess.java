package org.usedecentral.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A started {@code up} or {@code gateway} with its development key. */
record GatewayProcess(Launched process, GatewayApi api) implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    /** On a machine that compiles something else a first token can take as long as a whole answer elsewhere. */
    private static final Map<String, String> PATIENT = Map.of(
            "orchestrator.start-timeout", "PT1M",
            "orchestrator.stall-timeout", "PT1M",
            "orchestrator.job-timeout", "PT10M");

    private static final Pattern ANNOUNCEMENT = Pattern.compile("^\\{.*\"base_url\".*}$");

    /**
     * How to start one.
     *
     * @param words the command and its options, less port and data directory
     */
    record Plan(List<String> words, Map<String, String> configuration, Map<String, String> environment) {
        /** Timeouts are long unless the configuration says otherwise. */
        Plan {
            Map<String, String> all = new HashMap<>(PATIENT);
            all.putAll(configuration);
            words = List.copyOf(words);
            configuration = Map.copyOf(all);
            environment = Map.copyOf(environment);
        }

        static Plan of(String command, Map<String, String> configuration) {
            return new Plan(List.of(command), configuration, Map.of());
        }

        Plan environment(Map<String, String> more) {
            return new Plan(words, configuration, more);
        }

        Plan configuration(Map<String, String> other) {
            return new Plan(words, other, environment);
        }

        /** The whole command line. */
        List<String> arguments(Path directory, String... more) {
            List<String> arguments = new ArrayList<>(words);
            arguments.addAll(List.of("--data-dir", directory.toString()));
            arguments.addAll(List.of(more));
            configuration.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
            return arguments;
        }
    }

    /** Starts it on a free port and waits until it is up. */
    static GatewayProcess start(Plan plan, Path directory) throws IOException, InterruptedException {
        Launched process = Built.decentral(
                plan.words().getFirst(), plan.arguments(directory, "--port", "0", "--json"), plan.environment());
        try {
            JsonNode up = new JsonMapper()
                    .readTree(process.awaitLine(ANNOUNCEMENT, START_LIMIT).group());
            return new GatewayProcess(
                    process,
                    new GatewayApi(
                            URI.create(up.path("base_url").asText()),
                            up.path("api_key").asText()));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            process.close();
            throw e;
        }
    }

    @Override
    public void close() {
        api.close();
        process.close();
    }
}
