package org.usedecentral.spi.inference;

/** Why a choice ended. {@link #code} is its number in the proof statement. */
public enum FinishReason {
    STOP(0, "stop"),
    LENGTH(1, "length"),
    TOOL_CALLS(2, "tool_calls"),
    CONTENT_FILTER(3, "content_filter");

    private static final FinishReason[] BY_CODE = values();

    private final int code;
    private final String wireName;

    FinishReason(int code, String wireName) {
        this.code = code;
        this.wireName = wireName;
    }

    public int code() {
        return code;
    }

    /** The name in OpenAI's API. */
    public String wireName() {
        return wireName;
    }

    /**
     * The reason of that number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static FinishReason of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no finish reason " + code);
        }
        return BY_CODE[code];
    }
}
