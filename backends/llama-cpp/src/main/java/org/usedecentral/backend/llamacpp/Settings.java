package org.usedecentral.backend.llamacpp;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** The configuration of one backend, checked when read. Immutable. */
final class Settings {
    private static final String AUTO = "auto";
    private static final Pattern BYTES = Pattern.compile("(?i)([0-9]{1,15}(?:\\.[0-9]{1,3})?) *((?:[kmgt]i?)?b|)");
    private static final Set<String> KEYS = Set.of(
            "library",
            "device",
            "model",
            "model-id",
            "memory-limit",
            "context",
            "slots",
            "threads",
            "batch",
            "prefix-cache",
            "gpu-layers",
            "split-mode",
            "main-gpu",
            "tensor-split",
            "flash-attention",
            "kv-cache-type");

    private final String library;
    private final Optional<Path> model;
    private final Optional<String> modelId;
    private final int context;
    private final int slots;
    private final int threads;
    private final int batch;
    private final GpuOptions gpu;
    private final String device;
    private final OptionalLong memoryLimit;
    private final boolean prefixCache;

    private Settings(Config config) {
        this.library = config.get("library").asString().orElse(AUTO);
        this.model = config.get("model").asString().asOptional().map(Path::of);
        this.modelId = config.get("model-id").asString().asOptional();
        this.context = number(config, "context", 4096, 256, 1 << 24);
        this.slots = number(config, "slots", 4, 1, 64);
        this.threads = number(config, "threads", 0, 0, 512);
        this.batch = number(config, "batch", 64, 1, 1 << 14);
        this.gpu = GpuOptions.from(config);
        this.device = choice(config, "device", DeviceChoice.WORDS);
        this.memoryLimit = bytes(config, "memory-limit");
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
    static String choice(Config config, String key, List<String> words) {
        String word = config.get(key).asString().orElse(words.getFirst());
        if (!words.contains(word)) {
            throw DecentralException.invalid(
                    key, key + " of backend llama-cpp must be one of " + words + ", not '" + word + "'");
        }
        return word;
    }

    /** A number of bytes with a unit of two or ten, such as {@code 8GiB} or {@code 500MB}. */
    private static OptionalLong bytes(Config config, String key) {
        Optional<String> text = config.get(key).asString().asOptional();
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        Matcher matcher = BYTES.matcher(text.get().strip());
        if (!matcher.matches()) {
            throw DecentralException.invalid(
                    key,
                    key + " of backend llama-cpp must be a number of bytes with a unit, such as 8GiB, not '"
                            + text.get() + "'");
        }
        double factor = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "kib" -> 0x1p10;
            case "mib" -> 0x1p20;
            case "gib" -> 0x1p30;
            case "tib" -> 0x1p40;
            case "kb" -> 1e3;
            case "mb" -> 1e6;
            case "gb" -> 1e9;
            case "tb" -> 1e12;
            default -> 1;
        };
        long value = (long) (Double.parseDouble(matcher.group(1)) * factor);
        if (value < 1) {
            throw DecentralException.invalid(key, key + " of backend llama-cpp must be above 0");
        }
        return OptionalLong.of(value);
    }

    static int number(Config config, String key, int standard, int low, int high) {
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

    /** How a model is spread over devices. */
    GpuOptions gpu() {
        return gpu;
    }

    /** Layers on the GPU; -1: all, where the library can; none if the processor is asked for. */
    int gpuLayers() {
        return device.equals("cpu") ? 0 : gpu.layers();
    }

    /** {@code auto} or what to compute on. */
    String device() {
        return device;
    }

    /** Bytes that all models in memory may take together; empty: by what the devices have. */
    OptionalLong memoryLimit() {
        return memoryLimit;
    }

    /** Whether slots keep the prompts they have computed. */
    boolean prefixCache() {
        return prefixCache;
    }
}
