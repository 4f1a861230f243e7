package org.usedecentral.spi.inference;

/** What a piece of output is. {@link #code} is its number in sealed frames (docs/protocol.md, section 9). */
public enum PartKind {
    TEXT(0),
    REASONING(1),
    REFUSAL(2),
    CALL_ID(3),
    CALL_NAME(4),
    CALL_ARGUMENTS(5),
    LOGPROBS(6),
    F32(7);

    private static final PartKind[] BY_CODE = values();

    private final int code;

    PartKind(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /**
     * The kind of that number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PartKind of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no part kind " + code);
        }
        return BY_CODE[code];
    }
}
