package org.usedecentral.backend.llamacpp;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * Compares what {@code llama_*_default_params()} writes with what release v0.5.0 is known to write, field by field, and
 * checks that it writes neither more nor fewer bytes. A library of another layout would read our parameters askew and
 * corrupt memory or abort the process, so it is refused by name instead.
 */
final class AbiCheck {
    /** Room behind the structure, so that a library with a longer one writes there and not over foreign memory. */
    static final long SLACK = 512;

    private static final byte CANARY = (byte) 0xA5;

    static final Map<String, Number> MODEL_DEFAULTS = Map.of(
            "n_gpu_layers", -1,
            "split_mode", 1,
            "load_mode", -1,
            "lazy_mode", 1,
            "main_gpu", 0,
            "use_extra_bufts", 1);

    static final Map<String, Number> CONTEXT_DEFAULTS = Map.ofEntries(
            Map.entry("n_ctx", 512),
            Map.entry("n_batch", 2048),
            Map.entry("n_ubatch", 512),
            Map.entry("n_seq_max", 1),
            Map.entry("n_outputs_max_per_seq", 1),
            Map.entry("n_threads", 4),
            Map.entry("n_threads_batch", 4),
            Map.entry("rope_scaling_type", -1),
            Map.entry("pooling_type", -1),
            Map.entry("attention_type", -1),
            Map.entry("flash_attn_type", -1),
            Map.entry("yarn_ext_factor", -1f),
            Map.entry("yarn_attn_factor", -1f),
            Map.entry("yarn_beta_fast", -1f),
            Map.entry("yarn_beta_slow", -1f),
            Map.entry("defrag_thold", -1f),
            Map.entry("type_k", 1),
            Map.entry("type_v", 1),
            Map.entry("offload_kqv", 1),
            Map.entry("no_perf", 1),
            Map.entry("op_offload", 1),
            Map.entry("swa_full", 1));

    private AbiCheck() {}

    /** Marks a segment of {@code struct} plus {@link #SLACK} bytes, to be handed to a {@code *_default_params()}. */
    static void mark(MemorySegment segment) {
        segment.fill(CANARY);
    }

    /**
     * Verifies a marked segment after the library filled it. Fields that {@code expected} does not name must be zero.
     *
     * @throws DecentralException {@code UNAVAILABLE} naming the first field that differs
     */
    static void verify(String name, StructLayout struct, MemorySegment filled, Map<String, Number> expected) {
        for (MemoryLayout member : struct.memberLayouts()) {
            if (member.name().isEmpty()) {
                continue;
            }
            String field = member.name().get();
            double found = read(filled, LlamaLayouts.offset(struct, field), member);
            double known = expected.getOrDefault(field, 0).doubleValue();
            if (found != known) {
                throw mismatch(name, field + " is " + found + " where " + known + " is expected");
            }
        }
        for (long i = struct.byteSize(); i < filled.byteSize(); i++) {
            if (filled.get(ValueLayout.JAVA_BYTE, i) != CANARY) {
                throw mismatch(name, "it is longer than " + struct.byteSize() + " bytes");
            }
        }
    }

    private static double read(MemorySegment segment, long offset, MemoryLayout member) {
        return switch (member) {
            // Read as a byte: a canary left in place is not a valid C bool, and must be seen as it is.
            case ValueLayout.OfBoolean _ -> segment.get(ValueLayout.JAVA_BYTE, offset);
            case ValueLayout.OfInt layout -> segment.get(layout, offset);
            case ValueLayout.OfFloat layout -> segment.get(layout, offset);
            case ValueLayout.OfLong layout -> segment.get(layout, offset);
            default -> segment.get(ValueLayout.JAVA_LONG, offset);
        };
    }

    private static DecentralException mismatch(String struct, String detail) {
        return new DecentralException(
                ErrorCode.UNAVAILABLE,
                "this libllama has another layout of " + struct
                        + " than release v0.5.0, which this backend is written for: " + detail
                        + ". Use the engine of the catalogue (library: auto) or a v0.5.0 build.");
    }
}
