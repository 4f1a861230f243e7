package org.usedecentral.gateway;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The file of API keys: readable by its owner only, replaced as a whole, changed by one process at a time. Thread-safe.
 */
final class KeysFile {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final long MAX_SIZE = 4 * 1024 * 1024;
    private static final int MAX_KEYS = 10_000;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Of the whole process: a file lock is the process's, and two of this class must not take it at once. */
    private static final ReentrantLock CHANGING = new ReentrantLock();

    private final Path file;
    private final Path lockFile;

    KeysFile(Path file) {
        this.file = file;
        this.lockFile = file.resolveSibling(file.getFileName() + ".lock");
    }

    /** Tells one content of the file from the next. */
    record Stamp(
            long size,
            @Nullable FileTime modified,
            @Nullable Object inode) {
        static final Stamp NO_FILE = new Stamp(-1, null, null);
    }

    Stamp stamp() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            return Stamp.NO_FILE;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Every key of the file; none if there is no file. */
    List<ApiKeys.Stored> read() {
        byte[] content;
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw damaged("is larger than " + MAX_SIZE + " bytes");
            }
            if (posix() && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw damaged("may be read by others: run chmod 600 on it");
            }
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw unreadable(e);
        }
        return parse(content);
    }

    /** Replaces the keys by what {@code change} makes of them, while no other process does. */
    void change(UnaryOperator<List<ApiKeys.Stored>> change) {
        CHANGING.lock();
        try {
            Files.createDirectories(folder());
            try (FileChannel channel = FileChannel.open(
                            lockFile,
                            Set.<OpenOption>of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                            owner());
                    var _ = channel.lock()) {
                List<ApiKeys.Stored> keys = change.apply(read());
                if (keys.size() > MAX_KEYS) {
                    throw DecentralException.invalid(
                            "keys", "there are " + MAX_KEYS + " keys already: revoke some that are not used");
                }
                replace(keys);
            }
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the key file " + file + " cannot be written: " + e.getMessage(), e);
        } finally {
            CHANGING.unlock();
        }
    }

    private void replace(List<ApiKeys.Stored> keys) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.deleteIfExists(next);
        try (FileChannel channel = FileChannel.open(
                next, Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner())) {
            var content = Bytes.utf8(write(keys)).asBuffer();
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String write(List<ApiKeys.Stored> keys) {
        ObjectNode root = MAPPER.createObjectNode().put("version", 1);
        var array = root.putArray("keys");
        for (ApiKeys.Stored stored : keys) {
            array.addObject()
                    .put("sha256", stored.sha256().hex())
                    .put("name", stored.key().name())
                    .put("payer", stored.key().payer().toString())
                    .put("created", stored.key().created().toString());
        }
        return root.toPrettyString() + "\n";
    }

    private List<ApiKeys.Stored> parse(byte[] content) {
        try {
            JsonNode root = MAPPER.readTree(content);
            JsonNode array = root.path("keys");
            if (root.path("version").asInt() != 1 || !array.isArray() || array.size() > MAX_KEYS) {
                throw damaged("is not a list of at most " + MAX_KEYS + " keys of version 1");
            }
            List<ApiKeys.Stored> keys = new ArrayList<>(array.size());
            for (JsonNode node : array) {
                Bytes hash = Bytes.fromHex(node.path("sha256").asText());
                if (hash.length() != 32) {
                    throw damaged("holds a hash that is not SHA-256");
                }
                keys.add(new ApiKeys.Stored(
                        hash,
                        new ApiKey(
                                ApiKeys.id(hash),
                                node.path("name").asText(),
                                Account.parse(node.path("payer").asText()),
                                Instant.parse(node.path("created").asText()))));
            }
            return keys;
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw damaged("cannot be read as JSON of API keys");
        }
    }

    private boolean posix() throws IOException {
        return Files.getFileStore(folder()).supportsFileAttributeView("posix");
    }

    private FileAttribute<?>[] owner() throws IOException {
        return posix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    private Path folder() {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalStateException("a file has a folder");
        }
        return parent;
    }

    private DecentralException damaged(String what) {
        return new DecentralException(ErrorCode.INVALID_REQUEST, "the key file " + file + " " + what);
    }

    private DecentralException unreadable(IOException cause) {
        return new DecentralException(
                ErrorCode.UNAVAILABLE, "the key file " + file + " cannot be read: " + cause.getMessage(), cause);
    }
}
