package org.usedecentral.spi.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.usedecentral.spi.Bytes;

/** SHA-256 (FIPS 180-4) of the JDK. Stateless. */
public final class Sha256 {
    public static final int LENGTH = 32;

    private Sha256() {}

    /** The hash of all parts, one after the other. */
    public static Bytes of(Bytes... parts) {
        MessageDigest digest = newDigest();
        for (Bytes part : parts) {
            part.update(digest);
        }
        return Bytes.of(digest.digest());
    }

    /** A digest to feed; belongs to one thread. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
