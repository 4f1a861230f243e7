package org.usedecentral.link;

import org.usedecentral.spi.DecentralException;

/** The first byte of a frame (docs/protocol.md, section 9). */
enum FrameType {
    CHALLENGE(1),
    HELLO(2),
    WELCOME(3),
    ADVERT(4),
    DRAIN(5),
    PING(6),
    PONG(7),
    JOB(8),
    ACCEPT(9),
    FAIL(10),
    TOKENS(11),
    END(12),
    WINDOW(13),
    CANCEL(14),
    COUNT(15),
    COUNTED(16);

    private static final FrameType[] BY_CODE = new FrameType[17];

    static {
        for (FrameType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static FrameType of(int code) {
        if (code < 1 || code >= BY_CODE.length) {
            throw DecentralException.invalid("type", "no frame type " + code);
        }
        return BY_CODE[code];
    }
}
