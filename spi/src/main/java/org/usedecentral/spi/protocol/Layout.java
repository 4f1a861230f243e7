package org.usedecentral.spi.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** Reads and writes fixed little-endian layouts. */
final class Layout {
    private Layout() {}

    static ByteBuffer allocate(int length, Tag tag) {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        tag.bytes().writeTo(buffer);
        return buffer;
    }

    static Bytes finish(ByteBuffer buffer) {
        if (buffer.hasRemaining()) {
            throw new IllegalStateException(buffer.remaining() + " bytes of the layout were not written");
        }
        return Bytes.of(buffer.flip());
    }

    static Bytes check(Bytes encoded, int length, Tag tag) {
        if (encoded.length() != length) {
            throw malformed(tag, "has " + length + " bytes, not " + encoded.length());
        }
        if (!encoded.slice(0, Tag.LENGTH).equals(tag.bytes())) {
            throw malformed(tag, "does not begin with its tag");
        }
        return encoded;
    }

    static DecentralException malformed(Tag tag, String what) {
        return DecentralException.invalid(
                tag.bytes().utf8(), "structure " + tag.bytes().utf8() + " " + what);
    }

    static Bytes field(Bytes encoded, int offset) {
        return encoded.slice(offset, 32);
    }

    static Account account(Bytes encoded, int offset) {
        return new Account(field(encoded, offset));
    }

    /** A u32 that must fit an int: token counts, attempts, seconds. */
    static int u31(Bytes encoded, int offset) {
        int value = encoded.asBuffer().order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
        if (value < 0) {
            throw DecentralException.invalid("@" + offset, "the number at " + offset + " is above 2^31 - 1");
        }
        return value;
    }

    /** A u64 that must fit a long. */
    static long u63(Bytes encoded, int offset) {
        long value = encoded.asBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
        if (value < 0) {
            throw DecentralException.invalid("@" + offset, "the number at " + offset + " is above 2^63 - 1");
        }
        return value;
    }

    static Bytes u32(int value) {
        return Bytes.of(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .flip());
    }

    static Bytes u64(long value) {
        return Bytes.of(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .flip());
    }
}
