package org.usedecentral.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Takes frames off a channel. One thread, which nobody interrupts: that would close the channel. */
final class FrameReader {
    private static final int USUAL = 64 << 10;
    private static final int PREFIX = 4;

    private final ReadableByteChannel channel;
    private final FrameIn frame = new FrameIn();
    private byte[] bytes = new byte[USUAL];
    private int start;
    private int end;

    FrameReader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** Waits for a frame, which holds until the next call; null when the other end has closed. */
    @Nullable FrameIn next() throws IOException {
        if (!fill(PREFIX)) {
            if (end > start) {
                throw new IOException("the connection ended inside a frame");
            }
            return null;
        }
        int length = (bytes[start] & 0xff) << 24
                | (bytes[start + 1] & 0xff) << 16
                | (bytes[start + 2] & 0xff) << 8
                | (bytes[start + 3] & 0xff);
        if (length < FrameOut.HEAD - PREFIX || length > FrameOut.MAX) {
            throw new IOException("a frame of " + length + " bytes");
        }
        if (!fill(PREFIX + length)) {
            throw new IOException("the connection ended inside a frame");
        }
        frame.wrap(bytes, start + PREFIX, length);
        start += PREFIX + length;
        return frame;
    }

    /** Reads until so many bytes are there from {@code start} on; false at the end of the stream. */
    private boolean fill(int count) throws IOException {
        if (start == end) {
            start = 0;
            end = 0;
            if (bytes.length > USUAL && count <= USUAL) {
                bytes = new byte[USUAL];
            }
        }
        if (start + count > bytes.length) {
            byte[] target = count > bytes.length ? new byte[count] : bytes;
            System.arraycopy(bytes, start, target, 0, end - start);
            bytes = target;
            end -= start;
            start = 0;
        }
        while (end - start < count) {
            int read = channel.read(ByteBuffer.wrap(bytes, end, bytes.length - end));
            if (read < 0) {
                return false;
            }
            end += read;
        }
        return true;
    }
}
