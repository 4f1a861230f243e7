package org.usedecentral.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * A frame as it is written: length (4 bytes, of what follows), type (1), stream or call (4), then a body of variable-length numbers and texts. Can be begun
 * anew when it was sent. One thread.
 */
final class FrameOut {
    /** The most bytes of a frame: a request with images, or the vectors of a large batch. */
    static final int MAX = 64 << 20;

    static final int HEAD = 9;
    private static final int USUAL = 256;

    private byte[] bytes = new byte[USUAL];
    private int length;

    static FrameOut of(FrameType type, int id) {
        FrameOut out = new FrameOut();
        out.begin(type, id);
        return out;
    }

    void begin(FrameType type, int id) {
        length = 4;
        putByte(type.code());
        putFixed(id);
    }

    /** The frame's bytes so far; its array may be replaced by the next put. */
    byte[] array() {
        int body = length - 4;
        bytes[0] = (byte) (body >>> 24);
        bytes[1] = (byte) (body >>> 16);
        bytes[2] = (byte) (body >>> 8);
        bytes[3] = (byte) body;
        return bytes;
    }

    int length() {
        return length;
    }

    FrameOut putByte(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
        return this;
    }

    private void putFixed(int value) {
        ensure(4);
        bytes[length++] = (byte) (value >>> 24);
        bytes[length++] = (byte) (value >>> 16);
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
    }

    /** A number of 0 or more: seven bits a byte, the lowest first. */
    FrameOut putNumber(int value) {
        if (value < 0) {
            throw new IllegalArgumentException("negative: " + value);
        }
        ensure(5);
        int rest = value;
        while (rest > 0x7f) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    FrameOut putLong(long value) {
        putFixed((int) (value >>> 32));
        putFixed((int) value);
        return this;
    }

    FrameOut putDouble(double value) {
        return putLong(Double.doubleToRawLongBits(value));
    }

    FrameOut putFloat(float value) {
        putFixed(Float.floatToRawIntBits(value));
        return this;
    }

    FrameOut putBytes(byte[] value) {
        putNumber(value.length);
        ensure(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    FrameOut putText(String value) {
        return putBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A text that may be null. */
    FrameOut putOptional(@Nullable String value) {
        return value == null ? putByte(0) : putByte(1).putText(value);
    }

    /** An error as its code, message and field. */
    FrameOut putError(DecentralException error) {
        return putText(error.code().name()).putText(error.message()).putOptional(error.parameter());
    }

    private void ensure(int more) {
        if (more > MAX - length) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "this is larger than the " + (MAX >> 20)
                            + " MiB that can be sent to an engine host: send less at once,"
                            + " or set isolation: none for the backend");
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }
}
