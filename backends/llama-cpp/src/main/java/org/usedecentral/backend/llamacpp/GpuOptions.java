package org.usedecentral.backend.llamacpp;

import io.helidon.config.Config;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.DecentralException;

/**
 * How a model is spread over devices and how its KV cache is kept; checked when read. Immutable.
 *
 * @param layers on the GPU; -1: all
 * @param splitMode how: not at all, by whole layers, or within them by rows
 * @param mainGpu the one that is used alone, or for what is not split
 * @param shares of the model for each GPU, in their order; empty: by their memory
 * @param cache the numbers the cache is kept in, and whether attention is fused
 */
record GpuOptions(int layers, String splitMode, int mainGpu, List<Float> shares, Cache cache) {
    private static final List<String> SPLIT_MODES = List.of("layer", "none", "row");
    private static final List<String> FLASH = List.of("auto", "on", "off");
    /** ggml's numbers of the types a KV cache may have, by name. */
    private static final Map<String, Integer> CACHE_TYPES =
            Map.of("f32", 0, "f16", 1, "bf16", 30, "q8_0", 8, "q5_1", 7, "q5_0", 6, "q4_1", 3, "q4_0", 2, "iq4_nl", 20);

    private static final List<String> WHOLE_TYPES = List.of("f16", "f32", "bf16");
    /** {@code llama_max_devices()} of v0.5.0, and the length of the array it reads. */
    static final int MAX_DEVICES = 16;

    /** {@code flash}: {@code auto}, {@code on} or {@code off}; {@code type}: such as {@code f16}. */
    record Cache(String flash, String type) {
        /** ggml's number of the type. */
        int typeNumber() {
            return CACHE_TYPES.getOrDefault(type, 1);
        }

        boolean isQuantised() {
            return !WHOLE_TYPES.contains(type);
        }

        /**
         * {@code llama_flash_attn_type}: -1 the library's choice, 0 off, 1 on. On the processor it is off unless asked for:
         * ggml cuts a long cache by the number of threads there, and only for a sequence that runs alone, while the plain
         * attention computes the same at any load.
         */
        int flashNumber(boolean onGpu) {
            return switch (flash) {
                case "on" -> 1;
                case "off" -> 0;
                default -> isQuantised() ? 1 : onGpu ? -1 : 0;
            };
        }

        /** Bytes of a cached number, at most. */
        double bytesPerNumber() {
            return switch (type) {
                case "f32" -> 4;
                case "q8_0" -> 34 / 32.0;
                case "q5_1", "q5_0" -> 24 / 32.0;
                case "q4_1", "q4_0", "iq4_nl" -> 20 / 32.0;
                default -> 2;
            };
        }
    }

    static GpuOptions from(Config config) {
        String type = config.get("kv-cache-type").asString().orElse("f16");
        if (!CACHE_TYPES.containsKey(type)) {
            throw DecentralException.invalid(
                    "kv-cache-type",
                    "kv-cache-type of backend llama-cpp must be one of "
                            + CACHE_TYPES.keySet().stream().sorted().toList() + ", not '" + type + "'");
        }
        Cache cache = new Cache(Settings.choice(config, "flash-attention", FLASH), type);
        if (cache.isQuantised() && cache.flash().equals("off")) {
            throw DecentralException.invalid(
                    "kv-cache-type", "kv-cache-type " + type + " needs flash-attention; set it to auto or on");
        }
        return new GpuOptions(
                Settings.number(config, "gpu-layers", -1, -1, 1 << 14),
                Settings.choice(config, "split-mode", SPLIT_MODES),
                Settings.number(config, "main-gpu", 0, 0, MAX_DEVICES - 1),
                shares(config),
                cache);
    }

    private static List<Float> shares(Config config) {
        List<Float> shares;
        try {
            shares = config.get("tensor-split").asList(Float.class).orElse(List.of());
        } catch (io.helidon.config.ConfigMappingException e) {
            throw DecentralException.invalid(
                    "tensor-split", "tensor-split of backend llama-cpp must be a list of numbers, such as [3, 1]");
        }
        boolean usable = shares.stream().allMatch(share -> share >= 0 && Float.isFinite(share));
        if (!usable
                || shares.size() > MAX_DEVICES
                || (!shares.isEmpty() && shares.stream().allMatch(s -> s == 0))) {
            throw DecentralException.invalid(
                    "tensor-split",
                    "tensor-split of backend llama-cpp must be at most " + MAX_DEVICES
                            + " numbers that are not negative, one above 0, not " + shares);
        }
        return List.copyOf(shares);
    }

    /** {@code llama_split_mode}. */
    int splitNumber() {
        return switch (splitMode) {
            case "none" -> 0;
            case "row" -> 2;
            default -> 1;
        };
    }
}
