package org.usedecentral.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A frame as it is read; every get stays inside it. One thread. */
final class FrameIn {
    private byte[] bytes = {};
    private int position;
    private int end;
    private FrameType type = FrameType.PING;
    private int id;

    /** Looks at a frame's bytes after its length; they are not copied. */
    void wrap(byte[] from, int offset, int length) throws IOException {
        bytes = from;
        position = offset;
        end = offset + length;
        type = FrameType.of(getByte());
        id = getFixed();
    }

    /** The same frame with bytes of its own. */
    FrameIn copy() {
        FrameIn copy = new FrameIn();
        copy.bytes = Arrays.copyOfRange(bytes, position, end);
        copy.end = copy.bytes.length;
        copy.type = type;
        copy.id = id;
        return copy;
    }

    FrameType type() {
        return type;
    }

    int id() {
        return id;
    }

    /** How many bytes are left. */
    int left() {
        return end - position;
    }

    int getByte() throws IOException {
        require(1);
        return bytes[position++] & 0xff;
    }

    private int getFixed() throws IOException {
        require(4);
        return (bytes[position++] & 0xff) << 24
                | (bytes[position++] & 0xff) << 16
                | (bytes[position++] & 0xff) << 8
                | (bytes[position++] & 0xff);
    }

    int getNumber() throws IOException {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = getByte();
            value |= (next & 0x7f) << shift;
            if (next < 0x80) {
                if (value < 0 || (shift == 28 && next > 7)) {
                    break;
                }
                return value;
            }
        }
        throw new IOException("a number that is too large");
    }

    /** A number of entries, each of at least a byte: never more than could follow. */
    int getCount() throws IOException {
        int count = getNumber();
        require(count);
        return count;
    }

    long getLong() throws IOException {
        return ((long) getFixed() << 32) | (getFixed() & 0xffff_ffffL);
    }

    double getDouble() throws IOException {
        return Double.longBitsToDouble(getLong());
    }

    float getFloat() throws IOException {
        return Float.intBitsToFloat(getFixed());
    }

    byte[] getBytes() throws IOException {
        int length = getCount();
        byte[] value = Arrays.copyOfRange(bytes, position, position + length);
        position += length;
        return value;
    }

    String getText() throws IOException {
        int length = getCount();
        String value = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return value;
    }

    @Nullable String getOptional() throws IOException {
        return getByte() == 0 ? null : getText();
    }

    DecentralException getError() throws IOException {
        String name = getText();
        String message = getText();
        String parameter = getOptional();
        ErrorCode code = ErrorCode.INTERNAL;
        for (ErrorCode known : ErrorCode.values()) {
            if (known.name().equals(name)) {
                code = known;
            }
        }
        DecentralException error = new DecentralException(code, message);
        return parameter == null ? error : error.at(parameter);
    }

    private void require(int count) throws IOException {
        if (count > end - position) {
            throw new IOException("a frame that ends too early");
        }
    }
}
