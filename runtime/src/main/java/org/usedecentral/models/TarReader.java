package org.usedecentral.models;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive (POSIX.1-2001 and the older ustar) from a stream, entry by entry, within limits. Only files and folders with
 * relative paths that stay inside are let through: an archive with a link, a device or a way out is refused whole. One thread.
 */
final class TarReader implements AutoCloseable {
    private static final int BLOCK = 512;
    private static final int MAX_HEADER_TEXT = 1 << 16;

    private final InputStream in;
    private final long maxBytes;
    private final int maxEntries;
    private final byte[] header = new byte[BLOCK];

    private long bytes;
    private int entries;
    private long left;
    private int padding;

    /** An archive entry: {@code path} has single slashes and no dots, but for the archive's own folder, {@code ./}. */
    record Entry(String path, long size, boolean folder) {}

    /**
     * Reads from {@code in}, which is closed with this.
     *
     * @param maxBytes of all entries' content together
     */
    TarReader(InputStream in, long maxBytes, int maxEntries) {
        this.in = in;
        this.maxBytes = maxBytes;
        this.maxEntries = maxEntries;
    }

    /** The next entry, or null at the end; what is unread of the last one is skipped. */
    @Nullable Entry next() throws IOException, FetchFailure {
        String longPath = null;
        long longSize = -1;
        while (true) {
            skipRest();
            if (!readHeader()) {
                return null;
            }
            long size = number(124, 12);
            char type = (char) header[156];
            if (++entries > maxEntries) {
                throw new FetchFailure("the archive has more than " + maxEntries + " entries");
            }
            switch (type) {
                case 'x' -> {
                    PaxRecords records = PaxRecords.parse(headerText(size));
                    longPath = records.path() == null ? longPath : records.path();
                    longSize = records.size() < 0 ? longSize : records.size();
                }
                case 'L' -> longPath = untilNul(headerText(size));
                case 'g' -> open(size);
                case '0', '\0', '5' -> {
                    String path = safe(longPath == null ? headerPath() : longPath);
                    boolean folder = type == '5' || path.endsWith("/");
                    long content = longSize < 0 ? size : longSize;
                    open(content);
                    return new Entry(path, content, folder);
                }
                default -> throw new FetchFailure("the archive holds a link or device: " + headerPath());
            }
        }
    }

    /** Reads content of the current entry; -1 at its end. */
    int read(byte[] buffer, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int n = in.read(buffer, offset, (int) Math.min(length, left));
        if (n < 0) {
            throw new EOFException("the archive ends in the middle of an entry");
        }
        left -= n;
        return n;
    }

    private void open(long size) throws FetchFailure {
        if (size < 0 || size > maxBytes - bytes) {
            throw new FetchFailure("the archive unpacks to more than " + maxBytes + " bytes");
        }
        bytes += size;
        left = size;
        padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    private void skipRest() throws IOException {
        in.skipNBytes(left + padding);
        left = 0;
        padding = 0;
    }

    private boolean readHeader() throws IOException, FetchFailure {
        int n = in.readNBytes(header, 0, BLOCK);
        if (n == 0) {
            return false;
        }
        if (n < BLOCK) {
            throw new EOFException("the archive ends in the middle of a header");
        }
        boolean empty = true;
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            empty &= header[i] == 0;
            sum += i >= 148 && i < 156 ? ' ' : (header[i] & 0xFF);
        }
        if (empty) {
            return false;
        }
        if (sum != number(148, 8)) {
            throw new FetchFailure("not a tar archive, or a damaged one");
        }
        return true;
    }

    private byte[] headerText(long size) throws IOException, FetchFailure {
        if (size > MAX_HEADER_TEXT) {
            throw new FetchFailure("the archive has a header of " + size + " bytes");
        }
        open(size);
        byte[] text = in.readNBytes((int) size);
        left -= text.length;
        return text;
    }

    private String headerPath() {
        String name = untilNul(Arrays.copyOfRange(header, 0, 100));
        boolean ustar = new String(header, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
        String prefix = ustar ? untilNul(Arrays.copyOfRange(header, 345, 500)) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** Octal digits, or with the first bit set a big-endian number. */
    private long number(int offset, int length) throws FetchFailure {
        long value = 0;
        if (header[offset] < 0) {
            for (int i = offset + length - 8; i < offset + length; i++) {
                value = (value << 8) | (header[i] & 0xFF);
            }
            return value;
        }
        for (int i = offset; i < offset + length; i++) {
            char c = (char) header[i];
            if (c >= '0' && c <= '7') {
                value = (value << 3) | (c - '0');
            } else if (c != ' ' && c != '\0') {
                throw new FetchFailure("not a tar archive, or a damaged one");
            }
        }
        return value;
    }

    private static String untilNul(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static String safe(String name) throws FetchFailure {
        String path = name.startsWith("./") && name.length() > 2 ? name.substring(2) : name;
        if (path.equals("./") || path.equals(".")) {
            return "./";
        }
        boolean bad = path.isEmpty() || path.startsWith("/") || path.indexOf('\\') >= 0 || path.indexOf(':') >= 0;
        for (String part : path.split("/", -1)) {
            bad |= part.equals("..") || part.equals(".") || part.indexOf('\0') >= 0;
        }
        if (bad || path.contains("//")) {
            throw new FetchFailure("the archive holds a path that leads out of it: " + name);
        }
        return path;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The records of an extended header that matter here; size -1 and path null when it does not set them. */
    private record PaxRecords(@Nullable String path, long size) {
        /** Each record is its own length in decimal, a space, {@code key=value} and a newline. */
        static PaxRecords parse(byte[] text) throws FetchFailure {
            String path = null;
            long size = -1;
            int at = 0;
            try {
                while (at < text.length) {
                    int space = at;
                    while (text[space] != ' ') {
                        space++;
                    }
                    int length = Integer.parseInt(new String(text, at, space - at, StandardCharsets.ISO_8859_1));
                    String record = new String(text, space + 1, length - (space - at) - 2, StandardCharsets.UTF_8);
                    if (record.startsWith("path=")) {
                        path = record.substring(5);
                    } else if (record.startsWith("size=")) {
                        size = Long.parseLong(record.substring(5));
                    }
                    at += length;
                }
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw new FetchFailure("the archive has a malformed extended header", e);
            }
            return new PaxRecords(path, size);
        }
    }
}
