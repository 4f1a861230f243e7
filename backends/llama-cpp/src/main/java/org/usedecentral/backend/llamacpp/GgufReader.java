package org.usedecentral.backend.llamacpp;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads the little-endian values of a GGUF file, never past its end and never more than a stated limit at once. */
final class GgufReader implements Closeable {
    static final int INT32 = 5;
    static final int FLOAT32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;

    /** Longer than any chat template; arrays hold many strings but each is shorter still. */
    private static final int MAX_STRING = 1 << 22;

    private static final int BUFFER = 1 << 16;

    /** Bytes of each scalar type by its number; 0 for strings and arrays. */
    private static final int[] SCALAR_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    /** An array that was skipped: the type and number of its elements, the bytes of its longest string. */
    record ArrayInfo(int type, long count, int longest) {}

    /** Says what is wrong; never leaves this package. */
    static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer;

    private GgufReader(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
        this.buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    static GgufReader open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new GgufReader(channel, channel.size());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    MalformedException malformed(String message) {
        return new MalformedException(message);
    }

    long size() {
        return size;
    }

    long position() throws IOException {
        return channel.position() - buffer.remaining();
    }

    long remaining() throws IOException {
        return size - position();
    }

    int readInt() throws IOException {
        return need(4).getInt();
    }

    long readLong() throws IOException {
        return need(8).getLong();
    }

    long readCount(String what, long limit) throws IOException {
        long count = readLong();
        if (count < 0 || count > limit) {
            throw malformed("it declares " + Long.toUnsignedString(count) + " " + what + "; the most is " + limit);
        }
        return count;
    }

    String readString(String what) throws IOException {
        int length = readLength(what);
        byte[] bytes = new byte[length];
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, BUFFER);
            need(part).get(bytes, done, part);
            done += part;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private int readLength(String what) throws IOException {
        long length = readLong();
        if (length < 0 || length > MAX_STRING || length > remaining()) {
            throw malformed(what + " declares a length of " + Long.toUnsignedString(length) + " bytes");
        }
        return (int) length;
    }

    /** A scalar or string: whole numbers as Long, floats as Double. */
    Object readValue(int type, String key) throws IOException {
        return switch (type) {
            case 0 -> (long) (need(1).get() & 0xFF);
            case 1 -> (long) need(1).get();
            case 2 -> (long) (need(2).getShort() & 0xFFFF);
            case 3 -> (long) need(2).getShort();
            case 4 -> Integer.toUnsignedLong(readInt());
            case INT32 -> (long) readInt();
            case FLOAT32 -> (double) need(4).getFloat();
            case BOOL -> need(1).get() != 0;
            case STRING -> readString(key);
            case 10, 11 -> readLong();
            case 12 -> need(8).getDouble();
            default -> throw malformed(key + " is of the unknown type " + Integer.toUnsignedString(type));
        };
    }

    ArrayInfo skipArray(String key) throws IOException {
        int type = readInt();
        long count = readLong();
        if (type == STRING) {
            return skipStrings(key, count);
        }
        if (type < 0 || type >= SCALAR_BYTES.length || SCALAR_BYTES[type] == 0) {
            throw malformed(key + " is an array of the unsupported type " + Integer.toUnsignedString(type));
        }
        if (count < 0 || count > remaining() / SCALAR_BYTES[type]) {
            throw malformed(key + " declares " + Long.toUnsignedString(count) + " elements, more than the file holds");
        }
        skip(count * SCALAR_BYTES[type]);
        return new ArrayInfo(type, count, 0);
    }

    private ArrayInfo skipStrings(String key, long count) throws IOException {
        if (count < 0 || count > remaining() / 8) {
            throw malformed(key + " declares " + Long.toUnsignedString(count) + " strings, more than the file holds");
        }
        int longest = 0;
        for (long i = 0; i < count; i++) {
            int length = readLength(key);
            longest = Math.max(longest, length);
            skip(length);
        }
        return new ArrayInfo(STRING, count, longest);
    }

    private void skip(long bytes) throws IOException {
        if (bytes <= buffer.remaining()) {
            buffer.position(buffer.position() + (int) bytes);
        } else {
            channel.position(position() + bytes);
            buffer.limit(0);
        }
    }

    /** The buffer with at least {@code count} bytes left, at most {@link #BUFFER}. */
    private ByteBuffer need(int count) throws IOException {
        if (buffer.remaining() < count) {
            buffer.compact();
            while (buffer.position() < count) {
                if (channel.read(buffer) < 0) {
                    throw malformed("it ends within its header: the file is truncated");
                }
            }
            buffer.flip();
        }
        return buffer;
    }
}
