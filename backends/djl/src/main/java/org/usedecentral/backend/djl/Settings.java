package org.usedecentral.backend.djl;

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
 * @param model the weights to load at start; empty: the runtime loads them
 * @param modelId what {@code model} is called; by default its file name without the suffix
 * @param tokenizer the tokenizer's file; empty: {@code tokenizer.json} beside the weights
 */
record Settings(Optional<Path> model, Optional<String> modelId, Optional<Path> tokenizer, Limits limits) {
    private static final Set<String> KEYS =
            Set.of("model", "model-id", "tokenizer", "context", "slots", "threads", "batch-tokens");

    /**
     * How much is done at once.
     *
     * @param context tokens of one input; a longer one is refused
     * @param slots requests that run at once
     * @param threads that compute, 0: ONNX Runtime's own choice
     * @param batchTokens the most tokens of one step, padding included, which bounds its memory
     */
    record Limits(int context, int slots, int threads, int batchTokens) {}

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
                        "backend djl has no key '" + child.name() + "'; it has "
                                + KEYS.stream().sorted().toList());
            }
        }
        Limits limits = new Limits(
                number(config, "context", 512, 8, 1 << 16),
                number(config, "slots", 2, 1, 64),
                number(config, "threads", 0, 0, 512),
                number(config, "batch-tokens", 8192, 8, 1 << 20));
        if (limits.batchTokens() < limits.context()) {
            throw DecentralException.invalid(
                    "batch-tokens",
                    "batch-tokens of backend djl is " + limits.batchTokens() + ", less than one input's context of "
                            + limits.context());
        }
        return new Settings(
                config.get("model").asString().asOptional().map(Path::of),
                config.get("model-id").asString().asOptional(),
                config.get("tokenizer").asString().asOptional().map(Path::of),
                limits);
    }

    private static int number(Config config, String key, int standard, int low, int high) {
        int value;
        try {
            value = config.get(key).asInt().orElse(standard);
        } catch (ConfigMappingException e) {
            throw DecentralException.invalid(key, key + " of backend djl is not a number");
        }
        if (value < low || value > high) {
            throw DecentralException.invalid(
                    key, key + " of backend djl must lie in " + low + " … " + high + ", not " + value);
        }
        return value;
    }
}
