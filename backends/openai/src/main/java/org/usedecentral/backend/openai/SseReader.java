package org.usedecentral.backend.openai;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;

/**
 * Cuts bytes into server-sent events (WHATWG HTML, section 9.2). Comments, ids and retry times are passed over; an event is its data, and whether
 * it is an error: by its type, or by llama-server's older {@code error:} line. One thread; an event has at most {@value #MAX_EVENT} bytes.
 */
final class SseReader {
    static final int MAX_EVENT = 1 << 20;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    private final ByteArrayOutputStream data = new ByteArrayOutputStream(1024);
    private @Nullable ByteBuffer input;
    private boolean hasData;
    private boolean error;
    private boolean afterReturn;
    private boolean firstLine = true;

    /** One event. */
    record Event(Bytes data, boolean error) {}

    /** Gives more bytes; those given before must have been read. */
    void feed(ByteBuffer bytes) {
        input = bytes;
    }

    /**
     * The next event; null if more bytes are needed.
     *
     * @throws org.usedecentral.spi.DecentralException {@code UNAVAILABLE} if an event is too long
     */
    @Nullable Event next() {
        ByteBuffer bytes = input;
        while (bytes != null && bytes.hasRemaining()) {
            byte b = bytes.get();
            boolean ignored = b == '\n' && afterReturn;
            afterReturn = b == '\r';
            if (ignored) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                Event event = endOfLine();
                if (event != null) {
                    return event;
                }
            } else {
                line.write(b);
                if (line.size() + data.size() > MAX_EVENT) {
                    throw UpstreamJson.malformed("has an event longer than " + MAX_EVENT + " bytes");
                }
            }
        }
        input = null;
        return null;
    }

    private @Nullable Event endOfLine() {
        byte[] bytes = line.toByteArray();
        line.reset();
        int start = firstLine && startsWithMark(bytes) ? 3 : 0;
        firstLine = false;
        if (bytes.length == start) {
            return dispatch();
        }
        int colon = start;
        while (colon < bytes.length && bytes[colon] != ':') {
            colon++;
        }
        String field = new String(bytes, start, colon - start, StandardCharsets.ISO_8859_1);
        int value = Math.min(bytes.length, colon + 1);
        if (value < bytes.length && bytes[value] == ' ') {
            value++;
        }
        switch (field) {
            case "data" -> append(bytes, value);
            case "error" -> {
                error = true;
                append(bytes, value);
            }
            case "event" ->
                error |= new String(bytes, value, bytes.length - value, StandardCharsets.ISO_8859_1).equals("error");
            default -> {
                // A comment (no name before the colon), id, retry, or something newer.
            }
        }
        return null;
    }

    private void append(byte[] bytes, int offset) {
        if (hasData) {
            data.write('\n');
        }
        hasData = true;
        data.write(bytes, offset, bytes.length - offset);
    }

    private @Nullable Event dispatch() {
        Event event = hasData ? new Event(Bytes.of(data.toByteArray()), error) : null;
        data.reset();
        hasData = false;
        error = false;
        return event;
    }

    private static boolean startsWithMark(byte[] bytes) {
        return bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
    }
}
