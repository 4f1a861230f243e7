package org.usedecentral.gateway;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.Sha256;

/**
 * The API keys of a data directory: {@code dk-} and 32 random bytes, kept as SHA-256, so that the file gives none away. Several processes
 * may use one file; each sees at once what another one did. Thread-safe; calls may read or write the file.
 */
public final class ApiKeys {
    private static final String PREFIX = "dk-";
    private static final int RANDOM_BYTES = 32;
    private static final int KEY_LENGTH = PREFIX.length() + 43;
    private static final int MAX_NAME = 100;
    private static final int ID_BYTES = 6;
    private static final System.Logger LOGGER = System.getLogger(ApiKeys.class.getName());

    private final KeysFile file;
    private final Clock clock;
    private final SecureRandom random;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Loaded loaded;

    private ApiKeys(KeysFile file, Clock clock, SecureRandom random) {
        this.file = file;
        this.clock = clock;
        this.random = random;
        KeysFile.Stamp stamp = file.stamp();
        this.loaded = new Loaded(stamp, index(file.read()));
    }

    /**
     * The keys in {@code keys.json} of a data directory; none if there is no such file yet.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the file is damaged or others may read it
     */
    public static ApiKeys in(Path dataDirectory, Clock clock, SecureRandom random) {
        return new ApiKeys(new KeysFile(dataDirectory.resolve("keys.json")), clock, random);
    }

    /** A new key, which is shown this once. */
    public record Created(ApiKey key, String secret) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "new key " + key.id();
        }
    }

    /** A key as the file has it. */
    record Stored(Bytes sha256, ApiKey key) {}

    private record Loaded(KeysFile.Stamp stamp, Map<Bytes, Stored> byHash) {}

    /**
     * Makes a key.
     *
     * @param name at most 100 characters
     * @throws DecentralException {@code INVALID_REQUEST} for an empty or long name or too many keys
     */
    public Created create(String name, Account payer) {
        if (name.isBlank() || name.length() > MAX_NAME) {
            throw DecentralException.invalid("name", "a key's name has 1 to " + MAX_NAME + " characters");
        }
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String secret = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Bytes hash = Sha256.of(Bytes.utf8(secret));
        ApiKey key = new ApiKey(id(hash), name, payer, clock.instant().truncatedTo(ChronoUnit.SECONDS));
        file.change(keys -> {
            List<Stored> more = new ArrayList<>(keys);
            more.add(new Stored(hash, key));
            return more;
        });
        return new Created(key, secret);
    }

    /** Every key, oldest first. */
    public List<ApiKey> list() {
        return current().values().stream()
                .map(Stored::key)
                .sorted((a, b) -> a.created().compareTo(b.created()))
                .toList();
    }

    /**
     * Ends a key: no request begins with it any more.
     *
     * @throws DecentralException {@code NOT_FOUND} if there is none of that id
     */
    public void revoke(String id) {
        file.change(keys -> {
            List<Stored> rest = keys.stream()
                    .filter(stored -> !stored.key().id().equals(id))
                    .toList();
            if (rest.size() == keys.size()) {
                throw new DecentralException(
                        ErrorCode.NOT_FOUND, "there is no key " + id + ": list the keys to see their ids");
            }
            return rest;
        });
    }

    /** Whose key this is. The time it takes tells nothing about other keys: only hashes are compared, and those in constant time. */
    public Optional<ApiKey> find(String secret) {
        if (secret.length() != KEY_LENGTH || !secret.startsWith(PREFIX)) {
            return Optional.empty();
        }
        byte[] hash = Sha256.newDigest().digest(secret.getBytes(StandardCharsets.UTF_8));
        Stored stored = current().get(Bytes.of(hash));
        return stored != null && MessageDigest.isEqual(stored.sha256().toByteArray(), hash)
                ? Optional.of(stored.key())
                : Optional.empty();
    }

    static String id(Bytes sha256) {
        return "key-" + sha256.slice(0, ID_BYTES).hex();
    }

    private Map<Bytes, Stored> current() {
        if (file.stamp().equals(loaded.stamp())) {
            return loaded.byHash();
        }
        reading.lock();
        try {
            // The stamp is taken before the content: at worst the same content is read twice.
            KeysFile.Stamp stamp = file.stamp();
            if (!stamp.equals(loaded.stamp())) {
                loaded = new Loaded(stamp, readOrNone());
            }
            return loaded.byHash();
        } finally {
            reading.unlock();
        }
    }

    /** A file damaged under a running node opens no doors, and must not stop the node. */
    private Map<Bytes, Stored> readOrNone() {
        try {
            return index(file.read());
        } catch (DecentralException e) {
            LOGGER.log(System.Logger.Level.ERROR, "No API key is accepted: {0}", e.message());
            return Map.of();
        }
    }

    private static Map<Bytes, Stored> index(List<Stored> keys) {
        return keys.stream().collect(Collectors.toUnmodifiableMap(Stored::sha256, stored -> stored, (a, b) -> a));
    }
}
