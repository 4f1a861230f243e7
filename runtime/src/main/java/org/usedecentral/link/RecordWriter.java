package org.usedecentral.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.proof.ProofScheme.Transcript;

/** Gathers events into the records of one TOKENS frame, then hashes and seals them; the worker's end of a lane. One thread. */
public final class RecordWriter {
    /** Beyond so many bytes nothing more is gathered. */
    private static final int FULL = 8 * 1024;

    private final FrameCipher cipher;
    private final Transcript transcript;
    private byte[] records = new byte[1024];
    private int length;
    private int tokens;
    private int sequence;

    public RecordWriter(FrameCipher cipher, Transcript transcript) {
        this.cipher = cipher;
        this.transcript = transcript;
    }

    /**
     * Adds an event's records.
     *
     * @throws DecentralException {@code INTERNAL} for log probabilities that are none: the engine's fault
     */
    public void add(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.TextDelta delta -> {
                text(delta);
                tokens += delta.tokens();
            }
            case GenerationEvent.ToolCallDelta delta -> {
                addIfGiven(Part.of(delta.choice(), PartKind.CALL_ID, delta.index()), delta.id());
                addIfGiven(Part.of(delta.choice(), PartKind.CALL_NAME, delta.index()), delta.name());
                addIfGiven(Part.of(delta.choice(), PartKind.CALL_ARGUMENTS, delta.index()), delta.arguments());
                tokens += delta.tokens();
            }
            case GenerationEvent.Finished ignored -> throw new IllegalArgumentException("Finished has no records");
        }
    }

    /** Tokens without text, such as one that was held back and never shown. */
    public void addTokens(int count) {
        tokens += count;
    }

    private void text(GenerationEvent.TextDelta delta) {
        byte[] utf8 = delta.text().getBytes(StandardCharsets.UTF_8);
        if (!delta.info().isEmpty()) {
            add(Part.of(delta.choice(), PartKind.LOGPROBS, 0), TokenInfos.encode(delta.info()));
        } else if (utf8.length == 0) {
            return;
        }
        // After log probabilities even a text without characters, which then says whose they are.
        add(Part.of(delta.choice(), delta.kind(), 0), utf8);
    }

    private void addIfGiven(Part part, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            add(part, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void add(Part part, byte[] bytes) {
        int needed = length + SealedFrame.RECORD_HEAD + bytes.length;
        if (needed > records.length) {
            records = Arrays.copyOf(records, Math.max(needed, records.length * 2));
        }
        ByteBuffer.wrap(records, length, records.length - length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) part.kind().code())
                .put((byte) part.choice())
                .putShort((short) part.index())
                .putInt(bytes.length)
                .put(bytes);
        length = needed;
    }

    public boolean isEmpty() {
        return length == 0 && tokens == 0;
    }

    /** Enough has been gathered for a frame. */
    public boolean isFull() {
        return length >= FULL || tokens >= SealedFrame.MAX_TOKENS / 2;
    }

    /** Tokens gathered since the last frame. */
    public int tokens() {
        return tokens;
    }

    /** The frame of what was gathered, which counts as delivered from now on. */
    public byte[] seal(int lane) {
        ByteBuffer in = ByteBuffer.wrap(records, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            PartKind kind = PartKind.of(in.get());
            Part part = Part.of(in.get() & 0xff, kind, in.getShort() & 0xffff);
            int size = in.getInt();
            transcript.append(part, records, in.position(), size);
            in.position(in.position() + size);
        }
        var head = new FrameCipher.FrameHead(FrameType.TOKENS, sequence++, tokens);
        byte[] frame = SealedFrame.tokens(lane, head, cipher, records, length);
        length = 0;
        tokens = 0;
        return frame;
    }

    /** Drops what was gathered and not sealed. */
    public void discard() {
        length = 0;
        tokens = 0;
    }

    /** The END frame. */
    public byte[] sealEnd(int lane, Completed completed) {
        return SealedFrame.end(lane, sequence, cipher, Json.write(completed).toByteArray());
    }
}
