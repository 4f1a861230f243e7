package org.usedecentral.backend.llamacpp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The C functions this backend calls, one Java method each. The method checks nothing: a wrong pointer or an
 * out-of-range argument ends the process, so callers validate first. Thread-safe where the C function is: the vocabulary
 * functions from any thread, everything that takes a context from one thread at a time.
 */
@SuppressWarnings("restricted") // Calling native code is what this package is for.
final class LlamaApi {
    /** The longest C string we read from the library; names and descriptions are far shorter. */
    private static final long MAX_C_STRING = 1 << 20;

    private static final Linker LINKER = Linker.nativeLinker();

    private final SymbolLookup symbols;
    private final MethodHandle modelLoad;
    private final MethodHandle modelFree;
    private final MethodHandle contextInit;
    private final MethodHandle contextFree;
    private final MethodHandle contextTokensPerSequence;
    private final MethodHandle memory;
    private final MethodHandle memoryRemove;
    private final MethodHandle memoryCopy;
    private final MethodHandle decode;
    private final MethodHandle setThreads;
    private final MethodHandle logits;
    private final MethodHandle sequenceEmbedding;
    private final MethodHandle vocab;
    private final MethodHandle vocabSize;
    private final MethodHandle vocabType;
    private final MethodHandle vocabText;
    private final MethodHandle vocabIsEndOfGeneration;
    private final MethodHandle vocabAddsBos;
    private final MethodHandle tokenize;
    private final MethodHandle tokenToPiece;
    private final MethodHandle deviceMemory;

    LlamaApi(SymbolLookup symbols) {
        this.symbols = symbols;
        this.modelLoad =
                bind("llama_model_load_from_file", FunctionDescriptor.of(ADDRESS, ADDRESS, LlamaLayouts.MODEL_PARAMS));
        this.modelFree = bind("llama_model_free", FunctionDescriptor.ofVoid(ADDRESS));
        this.contextInit =
                bind("llama_init_from_model", FunctionDescriptor.of(ADDRESS, ADDRESS, LlamaLayouts.CONTEXT_PARAMS));
        this.contextFree = bind("llama_free", FunctionDescriptor.ofVoid(ADDRESS));
        this.contextTokensPerSequence = bind("llama_n_ctx_seq", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        this.memory = bind("llama_get_memory", FunctionDescriptor.of(ADDRESS, ADDRESS));
        this.memoryRemove =
                bind("llama_memory_seq_rm", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT));
        this.memoryCopy =
                bind("llama_memory_seq_cp", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        this.decode = bind("llama_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, LlamaLayouts.BATCH));
        this.setThreads = bind("llama_set_n_threads", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT));
        this.logits = bind("llama_get_logits_ith", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        this.sequenceEmbedding = bind("llama_get_embeddings_seq", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        this.vocab = bind("llama_model_get_vocab", FunctionDescriptor.of(ADDRESS, ADDRESS));
        this.vocabSize = bind("llama_vocab_n_tokens", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        this.vocabType = bind("llama_vocab_type", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        this.vocabText = bind("llama_vocab_get_text", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        this.vocabIsEndOfGeneration =
                bind("llama_vocab_is_eog", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT));
        this.vocabAddsBos = bind("llama_vocab_get_add_bos", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
        this.tokenize = bind(
                "llama_tokenize",
                FunctionDescriptor.of(
                        JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_BOOLEAN, JAVA_BOOLEAN));
        this.tokenToPiece = bind(
                "llama_token_to_piece",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_BOOLEAN));
        this.deviceMemory = bind("ggml_backend_dev_memory", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
    }

    // Once a process.

    String version() {
        return string(callAddress(bind("llama_version", FunctionDescriptor.of(ADDRESS))));
    }

    void setLog(MemorySegment callback) {
        MethodHandle handle = bind("llama_log_set", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
        try {
            handle.invokeExact(callback, MemorySegment.NULL);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    void setAbort(MemorySegment callback) {
        MethodHandle handle = bind("ggml_set_abort_callback", FunctionDescriptor.of(ADDRESS, ADDRESS));
        try {
            MemorySegment _ = (MemorySegment) handle.invokeExact(callback);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    void initialise(String directory) {
        MethodHandle devices = bind("ggml_backend_load_all_from_path", FunctionDescriptor.ofVoid(ADDRESS));
        MethodHandle init = bind("llama_backend_init", FunctionDescriptor.ofVoid());
        try (Arena arena = Arena.ofConfined()) {
            devices.invokeExact(arena.allocateFrom(directory));
            init.invokeExact();
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** The defaults of {@code struct} as the library states them, verified to be of the layout we know. */
    private MemorySegment defaults(
            String function, StructLayout struct, Map<String, Number> expected, SegmentAllocator arena) {
        MemoryLayout probe = MemoryLayout.structLayout(struct, MemoryLayout.sequenceLayout(AbiCheck.SLACK, JAVA_BYTE));
        MethodHandle handle = bind(function, FunctionDescriptor.of(probe));
        MemorySegment marked = arena.allocate(probe);
        AbiCheck.mark(marked);
        try {
            MemorySegment filled = (MemorySegment) handle.invokeExact(SegmentAllocator.prefixAllocator(marked));
            AbiCheck.verify(function, struct, filled, expected);
            return filled.asSlice(0, struct);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    MemorySegment modelDefaults(SegmentAllocator arena) {
        return defaults("llama_model_default_params", LlamaLayouts.MODEL_PARAMS, AbiCheck.MODEL_DEFAULTS, arena);
    }

    MemorySegment contextDefaults(SegmentAllocator arena) {
        return defaults("llama_context_default_params", LlamaLayouts.CONTEXT_PARAMS, AbiCheck.CONTEXT_DEFAULTS, arena);
    }

    // Devices, listed once after loading.

    int deviceCount() {
        MethodHandle handle = bind("ggml_backend_dev_count", FunctionDescriptor.of(JAVA_LONG));
        try {
            return Math.toIntExact((long) handle.invokeExact());
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    MemorySegment device(int index) {
        MethodHandle handle = bind("ggml_backend_dev_get", FunctionDescriptor.of(ADDRESS, JAVA_LONG));
        try {
            return (MemorySegment) handle.invokeExact((long) index);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    int deviceType(MemorySegment device) {
        MethodHandle handle = bind("ggml_backend_dev_type", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        try {
            return (int) handle.invokeExact(device);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    String deviceName(MemorySegment device) {
        return string(callAddress(bind("ggml_backend_dev_name", FunctionDescriptor.of(ADDRESS, ADDRESS))
                .bindTo(device)));
    }

    String deviceDescription(MemorySegment device) {
        return string(callAddress(bind("ggml_backend_dev_description", FunctionDescriptor.of(ADDRESS, ADDRESS))
                .bindTo(device)));
    }

    /** The device's whole memory in bytes, 0 if it does not say. */
    long deviceMemory(MemorySegment device) {
        return deviceMemory(device, false);
    }

    /** The device's memory that nobody uses, in bytes, 0 if it does not say. */
    long deviceFreeMemory(MemorySegment device) {
        return deviceMemory(device, true);
    }

    private long deviceMemory(MemorySegment device, boolean unused) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            MemorySegment total = arena.allocate(JAVA_LONG);
            deviceMemory.invokeExact(device, free, total);
            return Math.max(0, (unused ? free : total).get(JAVA_LONG, 0));
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    // Model and context: once a load.

    /** Returns null where the library refuses the file; the reason is in its log. */
    @Nullable MemorySegment loadModel(MemorySegment path, MemorySegment parameters) {
        try {
            return orNull((MemorySegment) modelLoad.invokeExact(path, parameters));
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    void freeModel(MemorySegment model) {
        callVoid(modelFree, model);
    }

    @Nullable MemorySegment newContext(MemorySegment model, MemorySegment parameters) {
        try {
            return orNull((MemorySegment) contextInit.invokeExact(model, parameters));
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    void freeContext(MemorySegment context) {
        callVoid(contextFree, context);
    }

    int tokensPerSequence(MemorySegment context) {
        return callInt(contextTokensPerSequence, context);
    }

    /** How many numbers a vector of the model has. */
    int outputDimensions(MemorySegment model) {
        return callInt(bind("llama_model_n_embd_out", FunctionDescriptor.of(JAVA_INT, ADDRESS)), model);
    }

    /** How many tokens the context takes in one piece. */
    int tokensPerStep(MemorySegment context) {
        return callInt(bind("llama_n_ubatch", FunctionDescriptor.of(JAVA_INT, ADDRESS)), context);
    }

    /**
     * A question about a model or a vocabulary that is answered by a C bool, such as {@code llama_model_has_encoder}.
     */
    boolean modelIs(String function, MemorySegment subject) {
        MethodHandle handle = bind(function, FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
        try {
            return (boolean) handle.invokeExact(subject);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    @Nullable MemorySegment memory(MemorySegment context) {
        try {
            return orNull((MemorySegment) memory.invokeExact(context));
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Forgets a whole sequence; its cells of the KV cache are free when this returns. */
    void forget(MemorySegment memory, int sequence) {
        try {
            boolean whole = (boolean) memoryRemove.invokeExact(memory, sequence, -1, -1);
            if (!whole) {
                throw new IllegalStateException("libllama kept a sequence it was told to forget");
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Forgets a sequence from the position {@code from} on; false if the model's memory cannot be cut there. */
    boolean truncate(MemorySegment memory, int sequence, int from) {
        try {
            return (boolean) memoryRemove.invokeExact(memory, sequence, from, -1);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * Makes {@code target} a copy of {@code source}, whatever it held. Sequences with buffers of their own can only be
     * copied whole; a part would end the process.
     */
    void copySequence(MemorySegment memory, int source, int target) {
        try {
            memoryCopy.invokeExact(memory, source, target, -1, -1);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    // The loop's own: once a step or once a token.

    /** 0 on success, 1 without room in the KV cache, 2 aborted, negative on a fault. */
    int decode(MemorySegment context, MemorySegment batch) {
        try {
            return (int) decode.invokeExact(context, batch);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** How many threads the next steps compute with. */
    void setThreads(MemorySegment context, int threads) {
        try {
            setThreads.invokeExact(context, threads, threads);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Copies the logits of the batch's {@code index}th token. */
    void copyLogits(MemorySegment context, int index, float[] target) {
        try {
            MemorySegment row = (MemorySegment) logits.invokeExact(context, index);
            if (row.address() == 0) {
                throw new IllegalStateException("libllama has no logits for token " + index + " of the batch");
            }
            long bytes = (long) target.length * Float.BYTES;
            MemorySegment.copy(row.reinterpret(bytes), JAVA_FLOAT, 0, target, 0, target.length);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Copies the pooled vector of a sequence of the last step. */
    void copyEmbedding(MemorySegment context, int sequence, float[] target) {
        try {
            MemorySegment row = (MemorySegment) sequenceEmbedding.invokeExact(context, sequence);
            if (row.address() == 0) {
                throw new IllegalStateException("libllama has no vector for sequence " + sequence);
            }
            long bytes = (long) target.length * Float.BYTES;
            MemorySegment.copy(row.reinterpret(bytes), JAVA_FLOAT, 0, target, 0, target.length);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    // The vocabulary: any thread.

    MemorySegment vocab(MemorySegment model) {
        try {
            return (MemorySegment) vocab.invokeExact(model);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    int vocabSize(MemorySegment vocab) {
        return callInt(vocabSize, vocab);
    }

    int vocabType(MemorySegment vocab) {
        return callInt(vocabType, vocab);
    }

    /** A special token's id by its C function, such as {@code llama_vocab_bos}; -1 if the model has none. */
    int specialToken(String function, MemorySegment vocab) {
        return callInt(bind(function, FunctionDescriptor.of(JAVA_INT, ADDRESS)), vocab);
    }

    /** The text of a token as the vocabulary spells it; {@code token} must be within the vocabulary. */
    String tokenText(MemorySegment vocab, int token) {
        try {
            return string((MemorySegment) vocabText.invokeExact(vocab, token));
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    boolean isEndOfGeneration(MemorySegment vocab, int token) {
        try {
            return (boolean) vocabIsEndOfGeneration.invokeExact(vocab, token);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    boolean addsBos(MemorySegment vocab) {
        try {
            return (boolean) vocabAddsBos.invokeExact(vocab);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Whether special tokens are put around a text, and recognised in it. */
    record Specials(boolean added, boolean recognised) {}

    /** Tokenises UTF-8 text; negative: the number of tokens there would be. */
    int tokenize(MemorySegment vocab, MemorySegment text, MemorySegment tokens, Specials specials) {
        int length = Math.toIntExact(text.byteSize());
        int room = Math.toIntExact(tokens.byteSize() / Integer.BYTES);
        try {
            return (int)
                    tokenize.invokeExact(vocab, text, length, tokens, room, specials.added(), specials.recognised());
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Writes a token's bytes, none for control tokens; negative: the number of bytes there would be. */
    int tokenToPiece(MemorySegment vocab, int token, MemorySegment buffer) {
        int room = Math.toIntExact(buffer.byteSize());
        try {
            return (int) tokenToPiece.invokeExact(vocab, token, buffer, room, 0, false);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    // Binding.

    private MethodHandle bind(String name, FunctionDescriptor descriptor) {
        MemorySegment address = symbols.find(name)
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        "this libllama has no function " + name
                                + "; this backend is written for release v0.5.0 (library: auto fetches it)"));
        return LINKER.downcallHandle(address, descriptor);
    }

    private static void callVoid(MethodHandle handle, MemorySegment argument) {
        try {
            handle.invokeExact(argument);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static int callInt(MethodHandle handle, MemorySegment argument) {
        try {
            return (int) handle.invokeExact(argument);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static MemorySegment callAddress(MethodHandle handle) {
        try {
            return (MemorySegment) handle.invokeExact();
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static @Nullable MemorySegment orNull(MemorySegment segment) {
        return segment.address() == 0 ? null : segment;
    }

    private static String string(MemorySegment address) {
        if (address.address() == 0) {
            return "";
        }
        return address.reinterpret(MAX_C_STRING).getString(0, StandardCharsets.UTF_8);
    }

    /** A downcall declares Throwable but throws only what Java code around it throws. */
    private static RuntimeException rethrow(Throwable e) {
        if (e instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
