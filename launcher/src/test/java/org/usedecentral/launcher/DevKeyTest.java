package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.gateway.ApiKeys;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.time.SystemTimers;

final class DevKeyTest {
    private static final Account PAYER = new Account(key(1));
    private static final Account OTHER = new Account(key(2));

    @TempDir
    Path directory;

    private ApiKeys keys;
    private Path file;

    private static Bytes key(int last) {
        return Bytes.concat(Bytes.zeros(31), Bytes.of((byte) last));
    }

    @BeforeEach
    void open() {
        keys = ApiKeys.in(directory, SystemTimers.CLOCK, new SecureRandom());
        file = directory.resolve("dev-key");
    }

    @Test
    void theFirstStartWritesAKeyThatOnlyItsOwnerReads() throws IOException {
        String key = DevKey.open(directory, keys, PAYER);
        assertThat(Files.readString(file)).isEqualTo(key + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(keys.find(key)).hasValueSatisfying(known -> {
            assertThat(known.name()).isEqualTo("development");
            assertThat(known.payer()).isEqualTo(PAYER);
        });
    }

    @Test
    void laterStartsUseIt() {
        String key = DevKey.open(directory, keys, PAYER);
        assertThat(DevKey.open(directory, keys, PAYER)).isEqualTo(key);
        assertThat(keys.list()).hasSize(1);
    }

    @Test
    void aFileThatIsGoneIsMadeAnewAndTheOldKeyEnds() throws IOException {
        String old = DevKey.open(directory, keys, PAYER);
        Files.delete(file);
        String key = DevKey.open(directory, keys, PAYER);
        assertThat(key).isNotEqualTo(old);
        assertThat(keys.find(old)).isEmpty();
        assertThat(keys.find(key)).isPresent();
    }

    @Test
    void aFileThatOthersCanReadGaveItsKeyAway() throws IOException {
        String old = DevKey.open(directory, keys, PAYER);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(DevKey.read(file)).isEmpty();
        assertThat(DevKey.open(directory, keys, PAYER)).isNotEqualTo(old);
        assertThat(keys.find(old)).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aRevokedForeignOrDamagedKeyIsReplaced() throws IOException {
        String revoked = DevKey.open(directory, keys, PAYER);
        keys.revoke(keys.list().getFirst().id());
        String key = DevKey.open(directory, keys, PAYER);
        assertThat(key).isNotEqualTo(revoked);

        Files.writeString(file, "no key\n");
        String next = DevKey.open(directory, keys, PAYER);
        assertThat(keys.find(next)).isPresent();

        String foreign = keys.create("other", OTHER).secret();
        Files.writeString(file, foreign);
        assertThat(DevKey.open(directory, keys, PAYER)).isNotEqualTo(foreign);
        assertThat(keys.find(foreign)).isPresent();
    }

    @Test
    void otherKeysOfThePayerStay() throws IOException {
        String mine = keys.create("mine", PAYER).secret();
        DevKey.open(directory, keys, PAYER);
        Files.delete(file);
        DevKey.open(directory, keys, PAYER);
        assertThat(keys.find(mine)).isPresent();
        assertThat(keys.list()).hasSize(2);
    }
}
