package org.usedecentral.gateway;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON as UTF-8 in one buffer that is used again and again, so that a token allocates nothing. One thread. */
final class JsonBytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] buffer;
    private int length;

    JsonBytes(int capacity) {
        this.buffer = new byte[capacity];
    }

    int length() {
        return length;
    }

    JsonBytes clear() {
        length = 0;
        return this;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(buffer, 0, length);
    }

    byte[] toByteArray() {
        return Arrays.copyOf(buffer, length);
    }

    /** JSON that needs no escaping and is ASCII only. */
    JsonBytes raw(String ascii) {
        reserve(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            buffer[length++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    JsonBytes raw(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
        return this;
    }

    JsonBytes number(long value) {
        return raw(Long.toString(value));
    }

    /** A finite number; JSON has no others. */
    JsonBytes number(double value) {
        return raw(Double.isFinite(value) ? Double.toString(value) : "-9999.0");
    }

    /** A JSON string with its quotes. */
    JsonBytes quoted(CharSequence text) {
        reserve(2 + text.length());
        buffer[length++] = '"';
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                reserve(6);
                ascii(c);
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                codePoint(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                // Half a character cannot be written as UTF-8.
                codePoint(Character.isSurrogate(c) ? 0xfffd : c);
            }
        }
        reserve(1);
        buffer[length++] = '"';
        return this;
    }

    private void ascii(char c) {
        switch (c) {
            case '"', '\\' -> escape(c);
            case '\n' -> escape('n');
            case '\r' -> escape('r');
            case '\t' -> escape('t');
            default -> {
                if (c >= 0x20) {
                    buffer[length++] = (byte) c;
                } else {
                    raw("\\u00");
                    buffer[length++] = HEX[c >> 4];
                    buffer[length++] = HEX[c & 0xf];
                }
            }
        }
    }

    private void escape(char c) {
        buffer[length++] = '\\';
        buffer[length++] = (byte) c;
    }

    private void codePoint(int point) {
        reserve(4);
        if (point < 0x800) {
            buffer[length++] = (byte) (0xc0 | point >> 6);
        } else {
            if (point < 0x1_0000) {
                buffer[length++] = (byte) (0xe0 | point >> 12);
            } else {
                buffer[length++] = (byte) (0xf0 | point >> 18);
                buffer[length++] = (byte) (0x80 | ((point >> 12) & 0x3f));
            }
            buffer[length++] = (byte) (0x80 | ((point >> 6) & 0x3f));
        }
        buffer[length++] = (byte) (0x80 | (point & 0x3f));
    }

    private void reserve(int more) {
        if (more > buffer.length - length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }
}
