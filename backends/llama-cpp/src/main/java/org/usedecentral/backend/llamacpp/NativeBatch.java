package org.usedecentral.backend.llamacpp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A {@code llama_batch} that is allocated once and filled anew each step. One thread. */
final class NativeBatch {
    private static final long N_TOKENS = LlamaLayouts.offset(LlamaLayouts.BATCH, "n_tokens");

    private final MemorySegment struct;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequences;
    private final MemorySegment outputs;
    private final int capacity;
    private int size;

    NativeBatch(Arena arena, int capacity) {
        this.capacity = capacity;
        this.struct = arena.allocate(LlamaLayouts.BATCH);
        this.tokens = arena.allocate(JAVA_INT, capacity);
        this.positions = arena.allocate(JAVA_INT, capacity);
        this.sequences = arena.allocate(JAVA_INT, capacity);
        this.outputs = arena.allocate(JAVA_BYTE, capacity);
        MemorySegment counts = arena.allocate(JAVA_INT, capacity);
        MemorySegment pointers = arena.allocate(ADDRESS, capacity);
        for (int i = 0; i < capacity; i++) {
            counts.setAtIndex(JAVA_INT, i, 1);
            pointers.setAtIndex(ADDRESS, i, sequences.asSlice((long) i * Integer.BYTES));
        }
        point("token", tokens);
        point("pos", positions);
        point("n_seq_id", counts);
        point("seq_id", pointers);
        point("logits", outputs);
    }

    private void point(String field, MemorySegment target) {
        struct.set(ADDRESS, LlamaLayouts.offset(LlamaLayouts.BATCH, field), target);
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    /** Adds a token and returns its index, by which its logits are asked for if {@code output}. */
    int add(int token, int position, int sequence, boolean output) {
        if (size == capacity) {
            throw new IllegalStateException("the batch is full");
        }
        tokens.setAtIndex(JAVA_INT, size, token);
        positions.setAtIndex(JAVA_INT, size, position);
        sequences.setAtIndex(JAVA_INT, size, sequence);
        outputs.set(JAVA_BYTE, size, (byte) (output ? 1 : 0));
        return size++;
    }

    /** The structure to hand to {@code llama_decode}, with as many tokens as were added. */
    MemorySegment struct() {
        struct.set(JAVA_INT, N_TOKENS, size);
        return struct;
    }
}
