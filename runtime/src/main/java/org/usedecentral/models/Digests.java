package org.usedecentral.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.usedecentral.spi.Bytes;

/** SHA-256 of files too large for memory. */
final class Digests {
    private static final int BUFFER = 1 << 18;

    private Digests() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static Bytes sha256(Path file) throws IOException, InterruptedException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                if (Thread.interrupted()) {
                    throw new InterruptedException("while verifying " + file);
                }
            }
        }
        return Bytes.of(digest.digest());
    }
}
