package org.usedecentral.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class KeyFileTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("identity.json");
    }

    @Test
    void makesAKeyOnceAndReadsItAgain() {
        Path file = folder.resolve("new/folder/identity.json");
        Account account = KeyFile.loadOrCreate(file, RANDOM).account();
        assertThat(KeyFile.loadOrCreate(file, RANDOM).account()).isEqualTo(account);
        assertThat(KeyFile.load(file).account()).isEqualTo(account);
    }

    @Test
    void writesSolanasFormat() throws IOException {
        Ed25519.KeyPair key = Ed25519.fromSeed(Bytes.zeros(32));
        KeyFile.store(file(), key);
        String json = Files.readString(file());
        assertThat(json).startsWith("[0,0,0,").endsWith("]\n").doesNotContain("-");
        assertThat(json.split(",", -1)).hasSize(64);
    }

    @Test
    void onlyTheOwnerMayReadIt() throws IOException {
        assumePosix();
        KeyFile.store(file(), Ed25519.generate(RANDOM));
        assertThat(Files.getPosixFilePermissions(file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx------", "rw-rw-rw-"})
    void refusesAFileThatOthersMayTouch(String permissions) throws IOException {
        assumePosix();
        KeyFile.store(file(), Ed25519.generate(RANDOM));
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(permissions));
        refused("chmod 600");
    }

    @Test
    void takesAFileThatIsReadOnly() throws IOException {
        assumePosix();
        KeyFile.store(file(), Ed25519.generate(RANDOM));
        Files.setPosixFilePermissions(file(), Set.of(PosixFilePermission.OWNER_READ));
        assertThat(KeyFile.load(file())).isNotNull();
    }

    @Test
    void neverReplacesAFile() throws IOException {
        KeyFile.store(file(), Ed25519.generate(RANDOM));
        String before = Files.readString(file());
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> KeyFile.store(file(), Ed25519.generate(RANDOM)));
        assertThat(Files.readString(file())).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "[1,2,3]",
                "1,2,3",
                "[1,2,x]",
                "[256]",
                "[-1]",
                "[1.5]",
                "[0,0,,0]",
                "[99999999999999999999]"
            })
    void refusesADamagedFile(String content) throws IOException {
        write(content);
        refused("identity.json");
    }

    @Test
    void refusesAPublicKeyThatIsNotThePrivateKeys() throws IOException {
        write(numbers(IntStream.generate(() -> 7).limit(64)));
        refused("public key");
    }

    @Test
    void refusesACutOrDoubledFile() throws IOException {
        Bytes pair = Bytes.concat(
                Bytes.zeros(32), Ed25519.fromSeed(Bytes.zeros(32)).account().key());
        write(numbers(IntStream.range(0, 63).map(i -> pair.get(i) & 0xff)));
        refused("63 numbers");
        write(numbers(IntStream.range(0, 65).map(i -> pair.get(i % 64) & 0xff)));
        refused("65 numbers");
    }

    @Test
    void refusesAFileThatIsFarTooLarge() throws IOException {
        write("[" + "1,".repeat(600) + "1]");
        refused("too large");
    }

    @Test
    void refusesWhatIsNotThere() {
        refused("cannot be read");
    }

    /** Two nodes started at once on one data directory must not end with two identities. */
    @Test
    void concurrentStartsAgree() throws InterruptedException, ExecutionException {
        Set<Account> accounts = new HashSet<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Account> start = () -> KeyFile.loadOrCreate(file(), RANDOM).account();
            List<Future<Account>> starts = threads.invokeAll(List.of(start, start, start, start, start, start));
            for (Future<Account> each : starts) {
                accounts.add(each.get());
            }
        }
        assertThat(accounts).hasSize(1);
    }

    private void write(String content) throws IOException {
        Files.deleteIfExists(file());
        Files.createFile(file());
        if (posix()) {
            Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        }
        Files.writeString(file(), content);
    }

    private static String numbers(IntStream bytes) {
        return "[" + String.join(",", bytes.mapToObj(Integer::toString).toList()) + "]";
    }

    private void refused(String because) {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> KeyFile.load(file()))
                .withMessageContaining(because)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    private boolean posix() throws IOException {
        return Files.getFileStore(folder).supportsFileAttributeView("posix");
    }

    private void assumePosix() throws IOException {
        assumeTrue(posix(), "this file system has no POSIX permissions");
    }
}
