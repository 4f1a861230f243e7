package org.usedecentral.launcher;

import io.helidon.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that work on a node's data directory. */
final class NodeOptions {
    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            order = 20,
            description = "Identity, ledger, receipts, keys. Default: DECENTRAL_DATA_DIR, else the configuration's"
                    + " data-directory, else ~/.decentral (a worker's: ~/.decentral-worker).")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            order = 21,
            description =
                    "Configuration. Default: DECENTRAL_CONFIG, else decentral.yaml in the data directory, if there is one.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            order = 22,
            description =
                    "Sets one key above the file, such as worker.region=eu-west or backends.0.threads=4. Repeatable.")
    private Map<String, String> set = new LinkedHashMap<>();

    private final String fallback;

    /** Of a node that is told of no directory and then uses {@code fallback} in the home directory. */
    NodeOptions(String fallback) {
        this.fallback = fallback;
    }

    NodeOptions() {
        this(".decentral");
    }

    /** The directory that the command line, environment or configuration names. */
    Optional<Path> namedDirectory(Surroundings surroundings) {
        return Optional.ofNullable(dataDirectory)
                .or(() -> surroundings.variable("DECENTRAL_DATA_DIR").map(Path::of));
    }

    /** The directory to work in. */
    Path directory(Surroundings surroundings) {
        return namedDirectory(surroundings)
                .or(() -> config(surroundings, Map.of(), Map.of())
                        .get("data-directory")
                        .asString()
                        .asOptional()
                        .map(Path::of))
                .orElseGet(() -> surroundings.home().resolve(fallback));
    }

    /**
     * The node's configuration.
     *
     * @param command above everything
     * @param defaults below the file
     */
    Config config(Surroundings surroundings, Map<String, String> command, Map<String, String> defaults) {
        return NodeConfiguration.merge(
                new NodeConfiguration.Layers(command, set, surroundings, file(surroundings), defaults));
    }

    /** The same, where {@code chooser} says what a worker runs that is told of no model. */
    Config config(
            Surroundings surroundings,
            Map<String, String> command,
            Map<String, String> defaults,
            NodeConfiguration.Chooser chooser) {
        return NodeConfiguration.merge(
                new NodeConfiguration.Layers(command, set, surroundings, file(surroundings), defaults), chooser);
    }

    private Optional<Path> file(Surroundings surroundings) {
        return Optional.ofNullable(file)
                .or(() -> surroundings.variable("DECENTRAL_CONFIG").map(Path::of))
                .or(() -> Optional.of(namedDirectory(surroundings)
                                .orElseGet(() -> surroundings.home().resolve(".decentral"))
                                .resolve(NodeConfiguration.FILE_NAME))
                        .filter(Files::exists));
    }
}
