package org.usedecentral.backend.llamacpp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The steps of an embedding model: some texts in, a vector of length 1 for each out. One thread at a time. */
final class EmbeddingSteps {
    private final LlamaApi api;
    private final MemorySegment context;
    private final NativeBatch batch;
    private final @Nullable MemorySegment memory;
    private final int sequences;
    private final int contextTokens;
    private final int stepTokens;
    private final int dimensions;

    /** Steps with a context that nobody else uses. */
    EmbeddingSteps(LlamaApi api, NativeModel model, NativeModel.EmbeddingShape shape) {
        this.api = api;
        this.context = model.context();
        this.memory = api.memory(context);
        // Lives as long as these steps do.
        this.batch = new NativeBatch(Arena.ofAuto(), shape.stepTokens());
        // A cache takes sequences of unlike length in several parts, and each part would be pooled by itself.
        this.sequences = memory == null ? shape.sequences() : 1;
        this.contextTokens = shape.contextTokens();
        this.stepTokens = Math.min(shape.stepTokens(), api.tokensPerStep(context));
        this.dimensions = api.outputDimensions(model.weights());
    }

    /** How many of the texts, in their order, the next step takes: as many as stay within {@code tokens}, and one at least. */
    int fitting(List<int[]> texts, int tokens) {
        int count = 1;
        long sum = texts.getFirst().length;
        while (count < Math.min(sequences, texts.size())
                && sum + texts.get(count).length <= Math.min(tokens, stepTokens)) {
            sum += texts.get(count).length;
            count++;
        }
        return count;
    }

    /** How long a step of this text takes with so many threads, which the next ones have too; in nanoseconds. */
    long time(int[] text, int threads) {
        api.setThreads(context, threads);
        long start = System.nanoTime();
        compute(List.of(text));
        return System.nanoTime() - start;
    }

    void setThreads(int threads) {
        api.setThreads(context, threads);
    }

    /** The vectors of texts that fit one step. */
    float[][] compute(List<int[]> texts) {
        requireFit(texts);
        batch.clear();
        for (int sequence = 0; sequence < texts.size(); sequence++) {
            int[] tokens = texts.get(sequence);
            for (int position = 0; position < tokens.length; position++) {
                batch.add(tokens[position], position, sequence, true);
            }
        }
        LlamaLog.clear();
        try {
            // Without a cache this is llama_encode: each text is read as a whole.
            int result = api.decode(context, batch.struct());
            if (result != 0) {
                throw new DecentralException(
                        ErrorCode.INTERNAL, "llama.cpp failed with " + result + ": " + LlamaLog.lastError());
            }
            float[][] vectors = new float[texts.size()][dimensions];
            for (int sequence = 0; sequence < vectors.length; sequence++) {
                api.copyEmbedding(context, sequence, vectors[sequence]);
                normalise(vectors[sequence]);
            }
            return vectors;
        } finally {
            if (memory != null) {
                api.forget(memory, 0);
            }
        }
    }

    /** The library ends the process over what does not fit. */
    private void requireFit(List<int[]> texts) {
        long sum = 0;
        for (int[] tokens : texts) {
            if (tokens.length == 0 || tokens.length > contextTokens) {
                throw new IllegalArgumentException("a text of " + tokens.length + " tokens");
            }
            sum += tokens.length;
        }
        if (texts.isEmpty() || texts.size() > sequences || sum > stepTokens) {
            throw new IllegalArgumentException(texts.size() + " texts of " + sum + " tokens in one step");
        }
    }

    private static void normalise(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        if (!Double.isFinite(squares)) {
            throw new DecentralException(
                    ErrorCode.INTERNAL, "the model computed a vector with values that are no numbers");
        }
        if (squares > 0) {
            double scale = 1 / Math.sqrt(squares);
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (vector[i] * scale);
            }
        }
    }
}
