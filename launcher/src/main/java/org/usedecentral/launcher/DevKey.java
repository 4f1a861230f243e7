package org.usedecentral.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.gateway.ApiKey;
import org.usedecentral.gateway.ApiKeys;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** The API key of the development payer, in a file that its owner alone can read, so that the commands of one machine find it. */
final class DevKey {
    static final String FILE_NAME = "dev-key";

    private static final String KEY_NAME = "development";
    private static final int MAX_SIZE = 256;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private DevKey() {}

    /** The key of the file while it is good and nobody else could read it; otherwise a new one, and the old one ends. */
    static String open(Path directory, ApiKeys keys, Account payer) {
        Path file = directory.resolve(FILE_NAME);
        Optional<String> present = read(file);
        if (present.isPresent()
                && keys.find(present.get())
                        .filter(key -> key.payer().equals(payer))
                        .isPresent()) {
            return present.get();
        }
        for (ApiKey key : keys.list()) {
            if (key.name().equals(KEY_NAME) && key.payer().equals(payer)) {
                keys.revoke(key.id());
            }
        }
        String secret = keys.create(KEY_NAME, payer).secret();
        write(file, secret);
        return secret;
    }

    /** The key of the file, if there is one that nobody else can read. */
    static Optional<String> read(Path file) {
        try {
            if (Files.size(file) > MAX_SIZE
                    || (posix(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file)))) {
                return Optional.empty();
            }
            return Optional.of(Files.readString(file).strip()).filter(key -> !key.isEmpty());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "the key file " + file + " cannot be read: " + e, e);
        }
    }

    private static void write(Path file, String secret) {
        Path next = file.resolveSibling(FILE_NAME + ".next");
        try {
            Files.deleteIfExists(next);
            FileAttribute<?>[] owner = posix(file)
                    ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                    : new FileAttribute<?>[0];
            try (FileChannel channel = FileChannel.open(
                    next, Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
                channel.write(Bytes.utf8(secret + "\n").asBuffer());
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the key file " + file + " cannot be written: " + e, e);
        }
    }

    private static boolean posix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
