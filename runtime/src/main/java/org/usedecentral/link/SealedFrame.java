package org.usedecentral.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.usedecentral.link.FrameCipher.FrameHead;
import org.usedecentral.spi.DecentralException;

/**
 * The layouts of sealed output (docs/protocol.md, section 9): TOKENS is u8 type, u32 lane, u32 sequence, u16 tokens, ciphertext of records; END is
 * u8 type, u32 lane, ciphertext of JSON, sealed at the sequence after the last TOKENS.
 */
final class SealedFrame {
    static final int TOKENS_HEAD = 11;
    static final int END_HEAD = 5;
    static final int RECORD_HEAD = 8;
    static final int MAX_TOKENS = 0xffff;

    private SealedFrame() {}

    static int lane(byte[] frame, int offset, int length) {
        if (length < END_HEAD + FrameCipher.TAG_LENGTH) {
            throw DecentralException.invalid("length", "a sealed frame ends early");
        }
        return buffer(frame).getInt(offset + 1);
    }

    static FrameHead tokensHead(byte[] frame, int offset, int length) {
        if (length < TOKENS_HEAD + FrameCipher.TAG_LENGTH || length > Frame.MAX_LENGTH) {
            throw DecentralException.invalid("length", "a TOKENS frame of " + length + " bytes");
        }
        ByteBuffer in = buffer(frame);
        return new FrameHead(FrameType.TOKENS, in.getInt(offset + 5), in.getShort(offset + 9) & MAX_TOKENS);
    }

    static byte[] tokens(int lane, FrameHead head, FrameCipher cipher, byte[] records, int length) {
        byte[] frame = new byte[TOKENS_HEAD + length + FrameCipher.TAG_LENGTH];
        buffer(frame)
                .put((byte) FrameType.TOKENS.code())
                .putInt(lane)
                .putInt(head.sequence())
                .putShort((short) head.tokens());
        int sealed = cipher.seal(head, records, length, frame, TOKENS_HEAD);
        return TOKENS_HEAD + sealed == frame.length ? frame : Arrays.copyOf(frame, TOKENS_HEAD + sealed);
    }

    static byte[] end(int lane, int sequence, FrameCipher cipher, byte[] json) {
        byte[] frame = new byte[END_HEAD + json.length + FrameCipher.TAG_LENGTH];
        buffer(frame).put((byte) FrameType.END.code()).putInt(lane);
        cipher.seal(endHead(sequence), json, json.length, frame, END_HEAD);
        return frame;
    }

    static FrameHead endHead(int sequence) {
        return new FrameHead(FrameType.END, sequence, 0);
    }

    private static ByteBuffer buffer(byte[] frame) {
        return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    }
}
