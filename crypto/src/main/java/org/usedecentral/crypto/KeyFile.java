package org.usedecentral.crypto;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Key pairs in the file format of Solana's tools: a JSON array of 64 numbers, seed then public key; readable by its owner only. */
public final class KeyFile {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int MAX_SIZE = 1024;

    private KeyFile() {}

    /**
     * The key in {@code file}, made first if there is none.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the file is damaged or others may read it
     */
    public static Ed25519.KeyPair loadOrCreate(Path file, SecureRandom random) {
        if (!Files.exists(file)) {
            try {
                store(file, Ed25519.generate(random));
            } catch (DecentralException e) {
                if (!(e.getCause() instanceof FileAlreadyExistsException)) {
                    throw e;
                }
            }
        }
        return load(file);
    }

    /** Reads a key file; throws as {@link #loadOrCreate} does. */
    public static Ed25519.KeyPair load(Path file) {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw damaged(file, "is too large");
            }
            if (posix(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw damaged(file, "may be read by others: run chmod 600 on it");
            }
            return parse(file, Files.readString(file).trim());
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "key file " + file + " cannot be read: " + e, e);
        }
    }

    /** Writes a new key file, readable by its owner only; an existing one is never replaced. */
    public static void store(Path file, Ed25519.KeyPair key) {
        byte[] pair = Bytes.concat(key.seed(), key.account().key()).toByteArray();
        StringBuilder json = new StringBuilder("[");
        for (byte b : pair) {
            json.append(json.length() == 1 ? "" : ",").append(b & 0xff);
        }
        json.append("]\n");
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            FileAttribute<?>[] attributes = parent != null && posix(parent)
                    ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                    : new FileAttribute<?>[0];
            try (var channel = Files.newByteChannel(
                    file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                channel.write(Bytes.utf8(json.toString()).asBuffer());
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "key file " + file + " cannot be written: " + e, e);
        }
    }

    private static Ed25519.KeyPair parse(Path file, String json) {
        if (!json.startsWith("[") || !json.endsWith("]")) {
            throw damaged(file, "is not a JSON array of 64 numbers");
        }
        String[] numbers = json.substring(1, json.length() - 1).split(",", -1);
        byte[] pair = new byte[numbers.length];
        try {
            for (int i = 0; i < pair.length; i++) {
                int value = Integer.parseInt(numbers[i].trim());
                if (value < 0 || value > 255) {
                    throw damaged(file, "holds a number above 255");
                }
                pair[i] = (byte) value;
            }
        } catch (NumberFormatException e) {
            throw damaged(file, "holds something that is not a number");
        }
        if (pair.length != 64) {
            throw damaged(file, "holds " + pair.length + " numbers, not 64");
        }
        Ed25519.KeyPair key = Ed25519.fromSeed(Bytes.of(pair, 0, 32));
        if (!key.account().key().equals(Bytes.of(pair, 32, 32))) {
            throw damaged(file, "holds a public key that is not the private key's");
        }
        return key;
    }

    private static boolean posix(Path file) throws IOException {
        return Files.getFileStore(file).supportsFileAttributeView("posix");
    }

    private static DecentralException damaged(Path file, String what) {
        return new DecentralException(ErrorCode.INVALID_REQUEST, "key file " + file + " " + what);
    }
}
