package org.usedecentral.backend.llamacpp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The native half of a model: weights and context. Opened and closed by one thread, while nobody else uses it. */
final class NativeModel implements AutoCloseable {
    private final LlamaApi api;
    private final MemorySegment weights;
    private final MemorySegment context;

    private NativeModel(LlamaApi api, MemorySegment weights, MemorySegment context) {
        this.api = api;
        this.weights = weights;
        this.context = context;
    }

    /** How long a sequence may be, and whether layers go to a GPU. */
    record Placement(int contextTokens, boolean onGpu) {}

    /**
     * Loads weights from a file that {@link GgufFile} has checked.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if libllama refuses the file, {@code UNSUPPORTED_FEATURE} if
     *     the model does not generate text from left to right, {@code UNAVAILABLE} if memory does not suffice
     */
    static NativeModel open(LlamaApi api, Path file, Settings settings, Placement placement) {
        return open(api, file, settings, (weights, arena) -> {
            requireGenerator(api, weights);
            return newContext(api, weights, settings, placement, arena);
        });
    }

    /**
     * What an embedding model's context is made for.
     *
     * @param contextTokens of one text at most
     * @param sequences texts in one step at most
     * @param stepTokens of all texts of one step at most; no less than the others
     * @param pooling how the vectors of a text's tokens become one, by libllama's number
     */
    record EmbeddingShape(int contextTokens, int sequences, int stepTokens, int pooling, boolean onGpu) {}

    /** As {@link #open}, for a model that embeds texts. */
    static NativeModel openForEmbedding(LlamaApi api, Path file, Settings settings, EmbeddingShape shape) {
        return open(api, file, settings, (weights, arena) -> {
            if (api.modelIs("llama_model_has_encoder", weights) || api.modelIs("llama_model_is_diffusion", weights)) {
                throw DecentralException.unsupported("embedding with a model of this architecture");
            }
            return embeddingContext(api, weights, settings, shape, arena);
        });
    }

    /** Makes a context for weights; what it allocates in the arena lives as long as the call. */
    private interface ContextMaker {
        MemorySegment make(MemorySegment weights, Arena arena);
    }

    private static NativeModel open(LlamaApi api, Path file, Settings settings, ContextMaker maker) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = api.modelDefaults(arena);
            spread(parameters, settings, arena);
            LlamaLog.clear();
            MemorySegment weights = api.loadModel(arena.allocateFrom(file.toString()), parameters);
            if (weights == null) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST, "llama.cpp cannot load " + file + ": " + LlamaLog.lastError());
            }
            MemorySegment context = null;
            try {
                context = maker.make(weights, arena);
                return new NativeModel(api, weights, context);
            } finally {
                if (context == null) {
                    api.freeModel(weights);
                }
            }
        }
    }

    private static void spread(MemorySegment parameters, Settings settings, Arena arena) {
        StructLayout layout = LlamaLayouts.MODEL_PARAMS;
        GpuOptions gpu = settings.gpu();
        setInt(parameters, layout, "n_gpu_layers", settings.gpuLayers());
        setInt(parameters, layout, "split_mode", gpu.splitNumber());
        setInt(parameters, layout, "main_gpu", gpu.mainGpu());
        if (!gpu.shares().isEmpty()) {
            // As long as the library reads, whatever the number of devices.
            MemorySegment shares = arena.allocate(ValueLayout.JAVA_FLOAT, GpuOptions.MAX_DEVICES);
            for (int i = 0; i < gpu.shares().size(); i++) {
                shares.setAtIndex(ValueLayout.JAVA_FLOAT, i, gpu.shares().get(i));
            }
            parameters.set(ValueLayout.ADDRESS, LlamaLayouts.offset(layout, "tensor_split"), shares);
        }
    }

    private static void requireGenerator(LlamaApi api, MemorySegment weights) {
        if (api.modelIs("llama_model_has_encoder", weights)
                || !api.modelIs("llama_model_has_decoder", weights)
                || api.modelIs("llama_model_is_diffusion", weights)) {
            throw DecentralException.unsupported("a model that does not generate text from left to right");
        }
    }

    private static MemorySegment newContext(
            LlamaApi api, MemorySegment weights, Settings settings, Placement placement, Arena arena) {
        int contextTokens = placement.contextTokens();
        int threads = settings.computeThreads();
        int batch = Math.max(settings.batch(), settings.slots());
        StructLayout layout = LlamaLayouts.CONTEXT_PARAMS;
        MemorySegment parameters = api.contextDefaults(arena);
        setInt(parameters, layout, "n_ctx", Math.multiplyExact(contextTokens, settings.slots()));
        setInt(parameters, layout, "n_batch", batch);
        setInt(parameters, layout, "n_ubatch", batch);
        setInt(parameters, layout, "n_seq_max", settings.slots());
        setInt(parameters, layout, "n_outputs_max", settings.slots());
        setInt(parameters, layout, "n_threads", threads);
        setInt(parameters, layout, "n_threads_batch", threads);
        GpuOptions.Cache cache = settings.gpu().cache();
        setInt(parameters, layout, "flash_attn_type", cache.flashNumber(placement.onGpu()));
        setInt(parameters, layout, "type_k", cache.typeNumber());
        setInt(parameters, layout, "type_v", cache.typeNumber());
        // A cache of its own for each sequence, or what one computes depends on who runs beside it.
        parameters.set(ValueLayout.JAVA_BOOLEAN, LlamaLayouts.offset(layout, "kv_unified"), false);
        LlamaLog.clear();
        MemorySegment context = api.newContext(weights, parameters);
        if (context == null) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "llama.cpp cannot make a context of " + settings.slots() + " × " + contextTokens + " tokens: "
                            + LlamaLog.lastError());
        }
        if (api.tokensPerSequence(context) < contextTokens) {
            api.freeContext(context);
            throw new IllegalStateException("libllama made a smaller context than it was asked for");
        }
        return context;
    }

    private static MemorySegment embeddingContext(
            LlamaApi api, MemorySegment weights, Settings settings, EmbeddingShape shape, Arena arena) {
        StructLayout layout = LlamaLayouts.CONTEXT_PARAMS;
        MemorySegment parameters = api.contextDefaults(arena);
        setInt(parameters, layout, "n_ctx", Math.multiplyExact(shape.contextTokens(), shape.sequences()));
        // In one piece: a text that is split over steps would be pooled in parts, or end the process.
        setInt(parameters, layout, "n_batch", shape.stepTokens());
        setInt(parameters, layout, "n_ubatch", shape.stepTokens());
        setInt(parameters, layout, "n_seq_max", shape.sequences());
        setInt(parameters, layout, "n_outputs_max_per_seq", 0);
        setInt(parameters, layout, "n_threads", settings.computeThreads());
        setInt(parameters, layout, "n_threads_batch", settings.computeThreads());
        setInt(parameters, layout, "pooling_type", shape.pooling());
        setInt(parameters, layout, "flash_attn_type", settings.gpu().cache().flashNumber(shape.onGpu()));
        parameters.set(ValueLayout.JAVA_BOOLEAN, LlamaLayouts.offset(layout, "embeddings"), true);
        parameters.set(ValueLayout.JAVA_BOOLEAN, LlamaLayouts.offset(layout, "kv_unified"), false);
        LlamaLog.clear();
        MemorySegment context = api.newContext(weights, parameters);
        if (context == null) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "llama.cpp cannot make a context to embed " + shape.contextTokens() + " tokens: "
                            + LlamaLog.lastError());
        }
        // A model that reads from left to right takes one text at a time, so that its context is enough for it.
        if (api.tokensPerStep(context) < Math.min(shape.contextTokens(), shape.stepTokens())) {
            api.freeContext(context);
            throw new IllegalStateException("libllama made a smaller context than it was asked for");
        }
        return context;
    }

    private static void setInt(MemorySegment struct, StructLayout layout, String field, int value) {
        struct.set(ValueLayout.JAVA_INT, LlamaLayouts.offset(layout, field), value);
    }

    MemorySegment weights() {
        return weights;
    }

    MemorySegment context() {
        return context;
    }

    /** True if a sequence leaves a state rather than, or beside, a KV cache. */
    boolean isRecurrent() {
        return api.modelIs("llama_model_is_recurrent", weights) || api.modelIs("llama_model_is_hybrid", weights);
    }

    @Override
    public void close() {
        api.freeContext(context);
        api.freeModel(weights);
    }
}
