package org.usedecentral.backend.llamacpp;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** The configuration of one backend, checked when read. Immutable. */
final class Settings {
    private static final String AUTO = "auto";
    private static final Set<String> KEYS = Set.of(
            "library", "model", "model-id", "context", "slots", "threads", "batch", "gpu-layers", "prefix-cache");

    private final String library;
    private final Optional<Path> model;
    private final Optional<String> modelId;
    private final int context;
    private final int slots;
    private final int threads;
    private final int batch;
    private final int gpuLayers;
    private final boolean prefixCache;

    private Settings(Config config) {
        this.library = config.get("library").asString().orElse(AUTO);
        this.model = config.get("model").asString().asOptional().map(Path::of);
        this.modelId = config.get("model-id").asString().asOptional();
        this.context = number(config, "context", 4096, 256, 1 << 24);
        this.slots = number(config, "slots", 4, 1, 64);
        this.threads = number(config, "threads", 0, 0, 512);
        this.batch = number(config, "batch", 128, 1, 1 << 14);
        this.gpuLayers = number(config, "gpu-layers", -1, -1, 1 << 14);
        this.prefixCache =
                choice(config, "prefix-cache", List.of("true", "false")).equals("true");
    }

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
                        "backend llama-cpp has no key '" + child.name() + "'; it has "
                                + KEYS.stream().sorted().toList());
            }
        }
        return new Settings(config);
    }

    /** One of the words, by default the first. */
    private static String choice(Config config, String key, List<String> words) {
        String word = config.get(key).asString().orElse(words.getFirst());
        if (!words.contains(word)) {
            throw DecentralException.invalid(
                    key, key + " of backend llama-cpp must be one of " + words + ", not '" + word + "'");
        }
        return word;
    }

    private static int number(Config config, String key, int standard, int low, int high) {
        int value;
        try {
            value = config.get(key).asInt().orElse(standard);
        } catch (io.helidon.config.ConfigMappingException e) {
            throw DecentralException.invalid(key, key + " of backend llama-cpp is not a number");
        }
        if (value < low || value > high) {
            throw DecentralException.invalid(
                    key, key + " of backend llama-cpp must lie in " + low + " … " + high + ", not " + value);
        }
        return value;
    }

    /** The directory of libllama; empty: the one of the catalogue. */
    Optional<Path> library() {
        return library.equals(AUTO) ? Optional.empty() : Optional.of(Path.of(library));
    }

    /** Weights to load at start; empty: the runtime loads them. */
    Optional<Path> model() {
        return model;
    }

    /** The name of {@link #model}; by default its file name without the suffix. */
    Optional<String> modelId() {
        return modelId;
    }

    /** Tokens of one sequence, prompt and output together; less if the model was trained for less. */
    int context() {
        return context;
    }

    /** Sequences that run at once; each has a KV cache of {@link #context} tokens. */
    int slots() {
        return slots;
    }

    /** Threads that compute; 0: one a physical core. */
    int threads() {
        return threads;
    }

    /** {@link #threads}, or as many as there are physical cores. */
    int computeThreads() {
        return threads == 0 ? Processors.physical() : threads;
    }

    /** The most tokens of a prompt in one step, which is how long the other sequences wait for it. */
    int batch() {
        return batch;
    }

    /** Layers on the GPU; -1: all, where the library can. */
    int gpuLayers() {
        return gpuLayers;
    }

    /** Whether slots keep the prompts they have computed. */
    boolean prefixCache() {
        return prefixCache;
    }
}
