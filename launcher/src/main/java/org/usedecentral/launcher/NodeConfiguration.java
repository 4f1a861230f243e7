package org.usedecentral.launcher;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.config.spi.ConfigSource;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * A node's configuration, from the strongest to the weakest: what the command itself is, {@code --set}, system properties
 * {@code decentral.gateway.port}, environment {@code DECENTRAL_GATEWAY_PORT}, the file, defaults. Only names below the node's own
 * top-level keys are looked at: {@code DECENTRAL_CACHE} and the like are no configuration of a node.
 */
final class NodeConfiguration {
    /** What a node runs that is told nothing else. */
    static final String DEFAULT_MODEL = "smollm2-135m-instruct";

    static final String FILE_NAME = "decentral.yaml";

    static final String SLOTS = "backends.0.slots";

    private static final String DEFAULT_SLOTS = "4";
    private static final String DEFAULT_BACKEND = "llama-cpp";
    private static final String PROPERTY_PREFIX = "decentral.";
    private static final String VARIABLE_PREFIX = "DECENTRAL_";
    private static final long MAX_FILE = 1 << 20;
    private static final List<String> ROOTS = List.of(
            "orchestrator",
            "worker",
            "gateway",
            "backends",
            "routing-policies",
            "proof-schemes",
            "ledger",
            "catalogue",
            "data-directory");
    private static final Pattern INDEX = Pattern.compile("([0-9]{1,4})(?:_(.+))?");

    private NodeConfiguration() {}

    /** Says what a worker runs that is told of no model. */
    interface Chooser {
        /** Configuration keys with their values, from what was said. */
        Map<String, String> choose(Config said);
    }

    /**
     * Where a command's configuration comes from.
     *
     * @param command what the command is and its options say; nothing is above it
     * @param set of {@code --set}
     * @param defaults of the command, below the file
     */
    record Layers(
            Map<String, String> command,
            Map<String, String> set,
            Surroundings surroundings,
            Optional<Path> file,
            Map<String, String> defaults) {}

    /**
     * Merges them and adds what every node has by default.
     *
     * @throws DecentralException {@code INVALID_REQUEST} for a file or key that cannot be read
     */
    static Config merge(Layers layers) {
        return merge(layers, said -> Map.of("worker.models.0", DEFAULT_MODEL));
    }

    /** The same, where {@code chooser} is asked for what a worker runs that is told of no model, instead of taking the small one. */
    static Config merge(Layers layers, Chooser chooser) {
        List<Supplier<? extends ConfigSource>> sources = new ArrayList<>();
        add(sources, layers.command());
        add(sources, checked(layers.set()));
        add(sources, properties(layers.surroundings().properties()));
        add(sources, variables(layers.surroundings().environment()));
        layers.file().flatMap(NodeConfiguration::yaml).ifPresent(sources::add);
        Config said = build(sources, layers.file());
        Map<String, String> standard = new HashMap<>(layers.defaults());
        addWorker(said, standard, chooser);
        if (said.get(SLOTS).asString().orElse("").equals("0")) {
            // "Choose for me": above what said so.
            sources.addFirst(ConfigSources.create(Map.of(SLOTS, standard.getOrDefault(SLOTS, DEFAULT_SLOTS))));
        }
        add(sources, standard);
        return build(sources, layers.file());
    }

    private static void add(List<Supplier<? extends ConfigSource>> sources, Map<String, String> values) {
        if (!values.isEmpty()) {
            sources.add(ConfigSources.create(values));
        }
    }

    private static Config build(List<Supplier<? extends ConfigSource>> sources, Optional<Path> file) {
        if (sources.isEmpty()) {
            return Config.empty();
        }
        try {
            return Config.builder()
                    .sources(sources)
                    .disableEnvironmentVariablesSource()
                    .disableSystemPropertiesSource()
                    .disableKeyResolving()
                    .disableValueResolving()
                    .build();
        } catch (ConfigException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "the configuration" + file.map(path -> " of " + path).orElse("") + " cannot be read: " + cause(e)
                            + "; docs/configuration.md has an example",
                    e);
        }
    }

    private static String cause(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage()).replaceAll("\\s+", " ").strip();
    }

    /** A worker that is told of no backend runs llama.cpp, and llama.cpp that is told of no weights runs what is chosen. */
    private static void addWorker(Config said, Map<String, String> standard, Chooser chooser) {
        Config backends = said.get("backends");
        boolean explicitlyNone =
                backends.exists() && backends.asNodeList().orElse(List.of()).isEmpty();
        if (!said.get("worker.enabled").asBoolean().orElse(true) || explicitlyNone) {
            return;
        }
        Optional<String> type = backends.get("0.type").asString().asOptional();
        if (type.isEmpty()) {
            standard.put("backends.0.type", DEFAULT_BACKEND);
        }
        if (type.orElse(DEFAULT_BACKEND).equals(DEFAULT_BACKEND)
                && !backends.get("0.model").exists()
                && !backends.get("0.models").exists()
                && !said.get("worker.models").exists()) {
            standard.putAll(chooser.choose(said));
        }
    }

    private static Map<String, String> checked(Map<String, String> set) {
        for (String key : set.keySet()) {
            if (!ROOTS.contains(first(key))) {
                throw DecentralException.invalid(
                        key, "--set " + key + ": there is no such key; keys begin with one of " + new TreeSet<>(ROOTS));
            }
        }
        return set;
    }

    private static String first(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }

    private static Map<String, String> properties(Map<String, String> properties) {
        Map<String, String> found = new HashMap<>();
        properties.forEach((name, value) -> {
            if (name.startsWith(PROPERTY_PREFIX)) {
                String key = name.substring(PROPERTY_PREFIX.length());
                if (ROOTS.contains(first(key))) {
                    found.put(key, value);
                }
            }
        });
        return found;
    }

    private static Map<String, String> variables(Map<String, String> environment) {
        Map<String, String> found = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(VARIABLE_PREFIX)) {
                key(name.substring(VARIABLE_PREFIX.length()).toLowerCase(Locale.ROOT))
                        .ifPresent(key -> found.put(key, value));
            }
        });
        return found;
    }

    /** From {@code backends_0_gpu_layers}: an underscore is a dot after the root and an index, and a dash elsewhere. */
    private static Optional<String> key(String name) {
        for (String root : ROOTS) {
            String prefix = root.replace('-', '_') + "_";
            if (name.startsWith(prefix) && name.length() > prefix.length()) {
                String rest = name.substring(prefix.length());
                Matcher index = INDEX.matcher(rest);
                if (!index.matches()) {
                    return Optional.of(root + "." + rest.replace('_', '-'));
                }
                String below =
                        index.group(2) == null ? "" : "." + index.group(2).replace('_', '-');
                return Optional.of(root + "." + index.group(1) + below);
            }
        }
        return Optional.empty();
    }

    /** A supplier, since a source of text can be read once. */
    private static Optional<Supplier<? extends ConfigSource>> yaml(Path file) {
        String content = read(file);
        // Nothing but comments is a file without keys; the parser takes it for an error.
        boolean empty = content.lines()
                .allMatch(line -> line.isBlank() || line.stripLeading().startsWith("#"));
        return empty
                ? Optional.empty()
                : Optional.of(() -> ConfigSources.create(content, MediaTypes.APPLICATION_X_YAML));
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw DecentralException.invalid("config", "the configuration " + file + " is larger than 1 MiB");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "there is no configuration file " + file + ": correct --config or leave it out",
                    e);
        } catch (CharacterCodingException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "the configuration file " + file + " is not UTF-8", e);
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "the configuration file " + file + " cannot be read: " + e, e);
        }
    }
}
