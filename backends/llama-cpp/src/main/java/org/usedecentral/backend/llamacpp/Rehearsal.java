package org.usedecentral.backend.llamacpp;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.usedecentral.spi.DecentralException;

/**
 * The first steps after loading, before the loop runs: they read the weights, tell how many threads pay at the moment,
 * and whether the model may be declared deterministic. One thread.
 */
final class Rehearsal {
    private static final int STEPS = 2;

    private final LlamaApi api;
    private final MemorySegment context;
    private final MemorySegment memory;
    private final NativeBatch batch;
    private final int vocabulary;

    /** A rehearsal with a context that nobody uses yet. */
    Rehearsal(LlamaApi api, MemorySegment context, NativeBatch batch, int vocabulary) {
        this.api = api;
        this.context = context;
        MemorySegment cache = api.memory(context);
        if (cache == null) {
            throw DecentralException.unsupported("a model without a KV cache, which does not generate text,");
        }
        this.memory = cache;
        this.batch = batch;
        this.vocabulary = vocabulary;
    }

    /** How long a step of one token takes, in nanoseconds. */
    long time(int threads) {
        api.setThreads(context, threads);
        long start = System.nanoTime();
        step(0, 1);
        long took = System.nanoTime() - start;
        api.forget(memory, 0);
        return took;
    }

    /**
     * Whether a token's logits are bit for bit the same alone and beside others. That depends on the weights' type and
     * the machine: some of ggml's kernels sum in another order for one row than for several.
     */
    boolean isBatchInvariant(int sequences) {
        float[] alone = new float[vocabulary];
        float[] together = new float[vocabulary];
        for (int size = 2; size <= sequences; size *= 2) {
            compute(1, alone);
            compute(size, together);
            if (!Arrays.equals(alone, together)) {
                return false;
            }
        }
        return true;
    }

    /** The logits of the first of {@code sequences} after some steps in one batch; leaves the cache empty. */
    private void compute(int sequences, float[] logits) {
        for (int step = 0; step < STEPS; step++) {
            step(step, sequences);
        }
        api.copyLogits(context, 0, logits);
        for (int sequence = 0; sequence < sequences; sequence++) {
            api.forget(memory, sequence);
        }
    }

    private void step(int position, int sequences) {
        batch.clear();
        for (int sequence = 0; sequence < sequences; sequence++) {
            batch.add((1 + position + sequence) % vocabulary, position, sequence, true);
        }
        int result = api.decode(context, batch.struct());
        if (result != 0) {
            throw new IllegalStateException("llama_decode failed with " + result + ": " + LlamaLog.lastError());
        }
    }
}
