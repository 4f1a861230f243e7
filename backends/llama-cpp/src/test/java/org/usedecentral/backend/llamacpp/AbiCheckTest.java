package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class AbiCheckTest {
    @Test
    void acceptsTheLibraryWeAreWrittenFor() {
        LlamaApi api = LlamaLibrary.load(TestEngine.library()).api();
        try (Arena arena = Arena.ofConfined()) {
            assertThatCode(() -> api.contextDefaults(arena)).doesNotThrowAnyException();
            assertThatCode(() -> api.modelDefaults(arena)).doesNotThrowAnyException();
        }
    }

    @Test
    void refusesAShiftedField() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment known = known(arena);
            // As if a field had been added in front of n_batch.
            known.set(ValueLayout.JAVA_INT, 4, 0);
            assertRefused(known, "n_batch is 0.0 where 2048.0 is expected");
        }
    }

    @Test
    void refusesALongerStructure() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment known = known(arena);
            known.set(ValueLayout.JAVA_BYTE, LlamaLayouts.CONTEXT_PARAMS.byteSize() + 8, (byte) 0);
            assertRefused(known, "longer than 160 bytes");
        }
    }

    @Test
    void refusesAShorterStructure() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment known = known(arena);
            AbiCheck.mark(known.asSlice(LlamaLayouts.offset(LlamaLayouts.CONTEXT_PARAMS, "ctx_other"), 8));
            assertRefused(known, "ctx_other");
        }
    }

    @Test
    void refusesAnotherDirectoryInTheSameProcess() {
        LlamaLibrary.load(TestEngine.library());
        assertThatThrownBy(() -> LlamaLibrary.load(TestEngine.library().resolve("..")))
                .isInstanceOfSatisfying(
                        DecentralException.class,
                        e -> org.assertj.core.api.Assertions.assertThat(e.code())
                                .isEqualTo(ErrorCode.CONFLICT));
    }

    private static MemorySegment known(Arena arena) {
        MemorySegment copy = arena.allocate(LlamaLayouts.CONTEXT_PARAMS.byteSize() + AbiCheck.SLACK, 8);
        AbiCheck.mark(copy);
        MemorySegment real = LlamaLibrary.load(TestEngine.library()).api().contextDefaults(arena);
        MemorySegment.copy(real, 0, copy, 0, real.byteSize());
        return copy;
    }

    private static void assertRefused(MemorySegment filled, String reason) {
        assertThatThrownBy(() -> AbiCheck.verify(
                        "llama_context_default_params", LlamaLayouts.CONTEXT_PARAMS, filled, AbiCheck.CONTEXT_DEFAULTS))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining(reason);
    }
}
