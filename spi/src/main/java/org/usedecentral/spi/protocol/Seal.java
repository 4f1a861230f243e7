package org.usedecentral.spi.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

/** The constants and bound bytes of suite {@code decentral/seal/1} (docs/protocol.md, section 9). */
public final class Seal {
    public static final String SUITE = "decentral/seal/1";
    public static final int FRAME_KEY_LENGTH = 16;
    public static final int NONCE_LENGTH = 12;
    public static final int AAD_LENGTH = 39;

    private Seal() {}

    /** HPKE info: suite ‖ job ‖ worker ‖ SHA-256(advert). */
    public static Bytes info(JobId job, Account worker, Bytes advertSha256) {
        return Bytes.concat(Bytes.utf8(SUITE), job.value(), worker.key(), advertSha256);
    }

    /**
     * HPKE exporter context of a frame key: {@code decentral/frames/1} ‖ u32 attempt ‖ u8 direction.
     *
     * @param direction 0 to the worker, 1 from it
     */
    public static Bytes frameKeyContext(int attempt, int direction) {
        return Bytes.concat(Bytes.utf8("decentral/frames/1"), Layout.u32(attempt), Bytes.of((byte) direction));
    }

    /** Writes the associated data of a frame into {@code target} at 0: u8 type ‖ job ‖ u32 attempt ‖ u16 tokens; 39 bytes. */
    public static void aad(byte[] target, int type, JobId job, int attempt, int tokens) {
        ByteBuffer buffer = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put((byte) type);
        job.value().writeTo(buffer);
        buffer.putInt(attempt).putShort((short) tokens);
    }

    /** Writes the nonce of a frame into {@code target} at 0: the sequence as a u96. */
    public static void nonce(byte[] target, long sequence) {
        ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN).putLong(sequence).putInt(0);
    }
}
