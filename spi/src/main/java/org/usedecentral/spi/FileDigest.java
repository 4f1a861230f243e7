package org.usedecentral.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of files too large for memory. */
final class FileDigest {
    private static final int BUFFER = 1 << 18;

    private FileDigest() {}

    static Bytes sha256(Path file) throws InterruptedException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                if (Thread.interrupted()) {
                    throw new InterruptedException("while reading " + file);
                }
            }
            return Bytes.of(digest.digest());
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "cannot read " + file + ": " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
