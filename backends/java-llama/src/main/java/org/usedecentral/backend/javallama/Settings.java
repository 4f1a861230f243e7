package org.usedecentral.backend.javallama;

import io.helidon.config.Config;
import io.helidon.config.ConfigMappingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/**
 * The configuration of one backend, checked when read.
 *
 * @param model weights to load at start; empty: the runtime loads them
 * @param modelId the name of {@code model}; by default its file name without the suffix
 * @param context tokens of one sequence, prompt and output together
 * @param slots sequences that run at once
 * @param threads threads that compute; 0: one a processor
 */
record Settings(Optional<Path> model, Optional<String> modelId, int context, int slots, int threads) {
    private static final Set<String> KEYS = Set.of("model", "model-id", "context", "slots", "threads");

    /**
     * Reads a backend's keys.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the key that is wrong or unknown
     */
    static Settings from(Config config) {
        for (Config child : config.asNodeList().orElse(List.of())) {
            if (!KEYS.contains(child.name()) && !InferenceBackendProvider.RUNTIME_KEYS.contains(child.name())) {
                throw DecentralException.invalid(
                        child.key().toString(),
                        "backend java-llama has no key '" + child.name() + "'; it has "
                                + KEYS.stream().sorted().toList());
            }
        }
        return new Settings(
                config.get("model").asString().asOptional().map(Path::of),
                config.get("model-id").asString().asOptional(),
                number(config, "context", 4096, new Range(256, 1 << 20)),
                number(config, "slots", 4, new Range(1, 64)),
                number(config, "threads", 0, new Range(0, 512)));
    }

    private record Range(int low, int high) {}

    private static int number(Config config, String key, int standard, Range range) {
        int value;
        try {
            value = config.get(key).asInt().orElse(standard);
        } catch (ConfigMappingException e) {
            throw DecentralException.invalid(key, key + " of backend java-llama is not a number");
        }
        if (value < range.low() || value > range.high()) {
            throw DecentralException.invalid(
                    key,
                    key + " of backend java-llama must lie in " + range.low() + " … " + range.high() + ", not "
                            + value);
        }
        return value;
    }

    int computeThreads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }
}
