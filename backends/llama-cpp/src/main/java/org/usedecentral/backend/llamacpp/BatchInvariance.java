package org.usedecentral.backend.llamacpp;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.usedecentral.spi.DecentralException;

/**
 * Finds out, once a load and before the loop runs, whether a token's logits are bit for bit the same alone and beside
 * others. That depends on the weights' type and the machine: some of ggml's kernels sum in another order for one row
 * than for several. Only then is the model declared deterministic.
 */
final class BatchInvariance {
    private static final int STEPS = 2;

    private BatchInvariance() {}

    static boolean holds(LlamaApi api, MemorySegment context, NativeBatch batch, int sequences, int vocabulary) {
        float[] alone = new float[vocabulary];
        float[] together = new float[vocabulary];
        for (int size = 2; size <= sequences; size *= 2) {
            compute(api, context, batch, 1, alone);
            compute(api, context, batch, size, together);
            if (!Arrays.equals(alone, together)) {
                return false;
            }
        }
        return true;
    }

    /** The logits of the first of {@code sequences} after some steps in one batch; leaves the cache empty. */
    private static void compute(LlamaApi api, MemorySegment context, NativeBatch batch, int sequences, float[] logits) {
        MemorySegment memory = api.memory(context);
        if (memory == null) {
            throw DecentralException.unsupported("a model without a KV cache, which does not generate text,");
        }
        for (int step = 0; step < STEPS; step++) {
            batch.clear();
            for (int sequence = 0; sequence < sequences; sequence++) {
                batch.add((1 + step + sequence) % logits.length, step, sequence, true);
            }
            int result = api.decode(context, batch.struct());
            if (result != 0) {
                throw new IllegalStateException("llama_decode failed with " + result + ": " + LlamaLog.lastError());
            }
        }
        api.copyLogits(context, 0, logits);
        for (int sequence = 0; sequence < sequences; sequence++) {
            api.forget(memory, sequence);
        }
    }
}
