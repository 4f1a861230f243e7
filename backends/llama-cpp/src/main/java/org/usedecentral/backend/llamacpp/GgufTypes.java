package org.usedecentral.backend.llamacpp;

import java.util.Map;

/** The tensor and file types of ggml v0.5.0 by their numbers in a GGUF file. */
final class GgufTypes {
    /** Elements of a block by tensor type; 0: no such type. */
    private static final int[] BLOCK_ELEMENTS = {
        1, 1, 32, 32, 0, 0, 32, 32, 32, 32, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 32, 256, 256, 256, 1, 1,
        1, 1, 1, 256, 1, 0, 0, 0, 256, 256, 0, 0, 0, 32, 64, 128, 64
    };

    /** Bytes of a block by tensor type. */
    private static final int[] BLOCK_BYTES = {
        4, 2, 18, 20, 0, 0, 22, 24, 34, 36, 84, 110, 144, 176, 210, 292, 66, 74, 98, 50, 18, 110, 82, 136, 1, 2, 4, 8,
        8, 56, 2, 0, 0, 0, 54, 66, 0, 0, 0, 17, 36, 18, 18
    };

    private static final Map<Long, String> FILE_TYPES = Map.ofEntries(
            Map.entry(0L, "F32"),
            Map.entry(1L, "F16"),
            Map.entry(2L, "Q4_0"),
            Map.entry(3L, "Q4_1"),
            Map.entry(7L, "Q8_0"),
            Map.entry(8L, "Q5_0"),
            Map.entry(9L, "Q5_1"),
            Map.entry(10L, "Q2_K"),
            Map.entry(11L, "Q3_K_S"),
            Map.entry(12L, "Q3_K_M"),
            Map.entry(13L, "Q3_K_L"),
            Map.entry(14L, "Q4_K_S"),
            Map.entry(15L, "Q4_K_M"),
            Map.entry(16L, "Q5_K_S"),
            Map.entry(17L, "Q5_K_M"),
            Map.entry(18L, "Q6_K"),
            Map.entry(19L, "IQ2_XXS"),
            Map.entry(20L, "IQ2_XS"),
            Map.entry(21L, "Q2_K_S"),
            Map.entry(22L, "IQ3_XS"),
            Map.entry(23L, "IQ3_XXS"),
            Map.entry(24L, "IQ1_S"),
            Map.entry(25L, "IQ4_NL"),
            Map.entry(26L, "IQ3_S"),
            Map.entry(27L, "IQ3_M"),
            Map.entry(28L, "IQ2_S"),
            Map.entry(29L, "IQ2_M"),
            Map.entry(30L, "IQ4_XS"),
            Map.entry(31L, "IQ1_M"),
            Map.entry(32L, "BF16"),
            Map.entry(36L, "TQ1_0"),
            Map.entry(37L, "TQ2_0"),
            Map.entry(38L, "MXFP4_MOE"),
            Map.entry(39L, "NVFP4"),
            Map.entry(40L, "Q1_0"),
            Map.entry(41L, "Q2_0"));

    private GgufTypes() {}

    static boolean isKnown(int type) {
        return type >= 0 && type < BLOCK_ELEMENTS.length && BLOCK_ELEMENTS[type] > 0;
    }

    static int blockElements(int type) {
        return BLOCK_ELEMENTS[type];
    }

    static int blockBytes(int type) {
        return BLOCK_BYTES[type];
    }

    /** The name of {@code general.file_type}, such as {@code Q4_1}; empty for one we do not know. */
    static String fileType(long number) {
        return FILE_TYPES.getOrDefault(number, "");
    }
}
