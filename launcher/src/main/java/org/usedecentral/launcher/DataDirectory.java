package org.usedecentral.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A node's data directory, held by one process at a time; made readable by its owner only. */
final class DataDirectory implements AutoCloseable {
    private static final String LOCK = "process.lock";

    private final Path path;
    private final FileChannel lock;
    private final boolean temporary;

    private DataDirectory(Path path, FileChannel lock, boolean temporary) {
        this.path = path;
        this.lock = lock;
        this.temporary = temporary;
    }

    /**
     * Makes the directory if there is none, and holds it.
     *
     * @throws DecentralException {@code CONFLICT} if another process does
     */
    static DataDirectory open(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(absolute)) {
                Files.createDirectories(absolute, ownerOnly(absolute));
            }
            return new DataDirectory(absolute, take(absolute), false);
        } catch (IOException e) {
            throw unusable(absolute, e);
        }
    }

    /** A new one that is deleted when it is closed. */
    static DataDirectory temporary() {
        try {
            Path path = Files.createTempDirectory("decentral-demo-");
            try {
                return new DataDirectory(path, take(path), true);
            } catch (IOException | RuntimeException e) {
                // Ctrl-C interrupts even this.
                delete(path);
                throw e;
            }
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "a temporary directory cannot be made: " + e + "; name one with --data-dir",
                    e);
        }
    }

    /** Whether a process holds it now. */
    static boolean inUse(Path path) {
        if (!Files.exists(path.resolve(LOCK))) {
            return false;
        }
        try {
            take(path).close();
            return false;
        } catch (DecentralException e) {
            return true;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    Path path() {
        return path;
    }

    private static FileChannel take(Path directory) throws IOException {
        Path file = directory.resolve(LOCK);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (lock(channel) == null) {
                throw new DecentralException(
                        ErrorCode.CONFLICT,
                        "the data directory " + directory + " is in use by process " + holder(channel)
                                + ": stop it, or choose another directory with --data-dir");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(20);
        channel.read(pid, 0);
        return new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII);
    }

    private static FileAttribute<?>[] ownerOnly(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private static DecentralException unusable(Path path, IOException cause) {
        return new DecentralException(
                ErrorCode.INVALID_REQUEST,
                "the data directory " + path + " cannot be used: " + cause + "; choose another with --data-dir",
                cause);
    }

    @Override
    public void close() {
        try {
            lock.close();
            if (temporary) {
                delete(path);
            }
        } catch (IOException e) {
            System.getLogger(DataDirectory.class.getName())
                    .log(System.Logger.Level.WARNING, "data directory " + path + " is left behind", e);
        }
    }

    private static void delete(Path path) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(path)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : deepestFirst) {
            Files.deleteIfExists(entry);
        }
    }
}
