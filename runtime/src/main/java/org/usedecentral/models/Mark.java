package org.usedecentral.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.usedecentral.spi.Bytes;

/**
 * A small file that says which digest a large file had when it was read in full, and its size and time of change then. It spares reading
 * gigabytes at every start; it is no protection against someone who may write here, which is why {@link Place} wants guarded folders.
 */
final class Mark {
    private static final int MAX_LENGTH = 256;

    private Mark() {}

    /** The digest of {@code file}, if the mark was set and the file has the size and time of change it had then. */
    static Optional<Bytes> read(Path mark, Path file) throws IOException {
        try {
            if (Files.size(mark) > MAX_LENGTH) {
                return Optional.empty();
            }
            String[] parts = Files.readString(mark).strip().split(" ", 2);
            return parts.length == 2 && parts[0].length() == 64 && parts[1].equals(state(file))
                    ? Optional.of(Bytes.fromHex(parts[0]))
                    : Optional.empty();
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static void write(Path mark, Path file, Bytes sha256) throws IOException {
        Path draft = Files.createTempFile(mark.getParent(), ".mark", "");
        try {
            Files.writeString(draft, sha256.hex() + " " + state(file) + "\n");
            Files.move(draft, mark, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static String state(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.size() + " " + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    }
}
