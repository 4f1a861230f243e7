package org.usedecentral.link;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Seal;

/**
 * Seals or opens the output frames of one attempt with AES-128-GCM of the JDK. One thread at a time. A cipher per lane keeps its key schedule,
 * which costs half of a fresh one.
 */
public final class FrameCipher {
    static final int TAG_LENGTH = 16;

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final JobId job;
    private final int attempt;
    private final byte[] nonce = new byte[Seal.NONCE_LENGTH];
    private final byte[] aad = new byte[Seal.AAD_LENGTH];

    /**
     * A cipher for one direction of one attempt.
     *
     * @param key 16 bytes exported from the HPKE context
     */
    public FrameCipher(Bytes key, JobId job, int attempt) {
        this.key = new SecretKeySpec(key.toByteArray(), "AES");
        this.job = job;
        this.attempt = attempt;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /** Seals {@code length} bytes of {@code plain} into {@code target} at {@code at}; returns the ciphertext's length, 16 more. */
    int seal(FrameHead head, byte[] plain, int length, byte[] target, int at) {
        try {
            init(Cipher.ENCRYPT_MODE, head);
            return cipher.doFinal(plain, 0, length, target, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a frame cannot be sealed", e);
        }
    }

    /**
     * Opens the rest of a frame into {@code target}; returns the plaintext's length.
     *
     * @throws DecentralException {@code PROOF_INVALID} if the frame was altered, repeated, dropped or moved
     */
    int open(FrameHead head, byte[] frame, int offset, int length, byte[] target) {
        try {
            init(Cipher.DECRYPT_MODE, head);
            return cipher.doFinal(frame, offset, length, target, 0);
        } catch (AEADBadTagException e) {
            throw new DecentralException(ErrorCode.PROOF_INVALID, "a sealed frame cannot be opened", e);
        } catch (GeneralSecurityException e) {
            throw new DecentralException(ErrorCode.PROOF_INVALID, "a sealed frame is malformed", e);
        }
    }

    private void init(int mode, FrameHead head) throws GeneralSecurityException {
        Seal.nonce(nonce, head.sequence());
        Seal.aad(aad, head.type().code(), job, attempt, head.tokens());
        cipher.init(mode, key, new GCMParameterSpec(TAG_LENGTH * 8, nonce));
        cipher.updateAAD(aad);
    }

    /** What a sealed frame says in the open. */
    record FrameHead(FrameType type, int sequence, int tokens) {}
}
