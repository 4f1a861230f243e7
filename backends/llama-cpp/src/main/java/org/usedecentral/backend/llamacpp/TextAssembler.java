package org.usedecentral.backend.llamacpp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of tokens into text: whole characters only, and nothing from a stop text on. It holds back the least
 * it can: an unfinished character, and bytes that a stop text could begin with. What it delivers does not depend on how
 * the bytes were cut into tokens. It can also look for a marker, at which the text ends and something else begins. One
 * thread.
 */
final class TextAssembler {
    private static final byte[][] NO_STOPS = {};

    /** The stop texts, and last the marker if there is one. */
    private final byte[][] stops;

    private final boolean hasMarker;
    private byte[] held = new byte[64];
    private int length;
    private boolean stopped;
    private byte @Nullable [] afterMarker;
    private int found;

    TextAssembler(List<String> stopTexts) {
        this(stopTexts, "");
    }

    /** An assembler that looks for {@code marker} unless it is empty. */
    TextAssembler(List<String> stopTexts, String marker) {
        this.hasMarker = !marker.isEmpty();
        this.stops = Stream.concat(stopTexts.stream(), hasMarker ? Stream.of(marker) : Stream.empty())
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList()
                .toArray(NO_STOPS);
    }

    /** Takes a token's bytes and returns the text that may be delivered now, possibly empty. */
    String append(byte[] bytes) {
        if (stopped || bytes.length == 0) {
            return "";
        }
        if (length + bytes.length > held.length) {
            held = Arrays.copyOf(held, Math.max(held.length * 2, length + bytes.length));
        }
        System.arraycopy(bytes, 0, held, length, bytes.length);
        int from = length;
        length += bytes.length;
        int start = firstStop(from);
        if (start >= 0) {
            stopped = true;
            if (hasMarker && found == stops.length - 1) {
                afterMarker = Arrays.copyOfRange(held, start + stops[found].length, length);
            }
            length = start;
            return take(wholeCharacters(length));
        }
        return take(wholeCharacters(length - stopPrefix()));
    }

    /** True once a stop text was seen; nothing follows. */
    boolean stopped() {
        return stopped;
    }

    /** What came after the marker, once it was seen: then nothing of it is text. */
    byte @Nullable [] afterMarker() {
        return afterMarker;
    }

    /** What is still held back and turned out to be no stop; an unfinished character at the very end is dropped. */
    String finish() {
        if (stopped) {
            return "";
        }
        String rest = take(wholeCharacters(length));
        length = 0;
        return rest;
    }

    private String take(int count) {
        if (count == 0) {
            return "";
        }
        String text = new String(held, 0, count, StandardCharsets.UTF_8);
        System.arraycopy(held, count, held, 0, length - count);
        length -= count;
        return text;
    }

    /** Where the stop text begins that is complete first, looking at ends from {@code from} on; -1 if there is none. */
    private int firstStop(int from) {
        for (int end = from + 1; end <= length && stops.length > 0; end++) {
            int start = -1;
            for (int i = 0; i < stops.length; i++) {
                byte[] stop = stops[i];
                int candidate = end - stop.length;
                if (candidate >= 0
                        && (start < 0 || candidate < start)
                        && Arrays.equals(held, candidate, end, stop, 0, stop.length)) {
                    start = candidate;
                    found = i;
                }
            }
            if (start >= 0) {
                return start;
            }
        }
        return -1;
    }

    /** The length of the longest end of what is held that is the beginning of a stop text. */
    private int stopPrefix() {
        int longest = 0;
        for (byte[] stop : stops) {
            for (int n = Math.min(stop.length - 1, length); n > longest; n--) {
                if (Arrays.equals(held, length - n, length, stop, 0, n)) {
                    longest = n;
                    break;
                }
            }
        }
        return longest;
    }

    /** The longest beginning of the first {@code count} bytes that does not end within a character. */
    private int wholeCharacters(int count) {
        for (int back = 1; back <= Math.min(3, count); back++) {
            int b = held[count - back] & 0xFF;
            if (b < 0x80) {
                return count;
            }
            if (b >= 0xC0) {
                int needed = b >= 0xF5 || b < 0xC2 ? 1 : b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
                return needed > back ? count - back : count;
            }
        }
        return count;
    }
}
