package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.time.TurnedTimers;

final class ApiKeysTest {
    private final TurnedTimers timers = new TurnedTimers();

    @TempDir
    private Path folder;

    @Test
    void aKeyIsShownOnceAndKeptAsItsHash() throws IOException {
        ApiKeys.Created created = keys().create("laptop", GatewayFixture.PAYER);
        assertThat(created.secret()).matches("dk-[A-Za-z0-9_-]{43}");
        assertThat(created.toString()).doesNotContain(created.secret());
        assertThat(keys().find(created.secret())).contains(created.key());
        String file = Files.readString(folder.resolve("keys.json"));
        assertThat(file)
                .contains("laptop")
                .doesNotContain(created.secret(), created.secret().substring(3));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void otherSecretsFindNothing() {
        ApiKeys keys = keys();
        String secret = keys.create("laptop", GatewayFixture.PAYER).secret();
        String changed = secret.substring(0, 20) + (secret.charAt(20) == 'A' ? 'B' : 'A') + secret.substring(21);
        for (String other : new String[] {"", "dk-", secret + "A", secret.substring(1), changed, " " + secret}) {
            assertThat(keys.find(other)).as(other).isEmpty();
        }
    }

    @Test
    void whatAnotherProcessDoesIsSeenAtOnce() {
        ApiKeys node = keys();
        ApiKeys command = keys();
        ApiKeys.Created created = command.create("laptop", GatewayFixture.PAYER);
        assertThat(node.find(created.secret())).isPresent();
        assertThat(node.list()).containsExactly(created.key());
        ApiKeys.Created second = command.create("phone", GatewayFixture.PAYER);
        command.revoke(created.key().id());
        assertThat(node.find(created.secret())).isEmpty();
        assertThat(node.find(second.secret())).isPresent();
    }

    @Test
    void theFileGoneOrDamagedOpensNoDoor() throws IOException {
        ApiKeys node = keys();
        String secret = node.create("laptop", GatewayFixture.PAYER).secret();
        Path file = folder.resolve("keys.json");
        byte[] good = Files.readAllBytes(file);
        Files.writeString(file, "{");
        assertThat(node.find(secret)).isEmpty();
        Files.write(file, good);
        assertThat(node.find(secret)).isPresent();
        Files.delete(file);
        assertThat(node.find(secret)).isEmpty();
    }

    @Test
    void aDamagedOrReadableFileFailsTheStart() throws IOException {
        keys().create("laptop", GatewayFixture.PAYER);
        Path file = folder.resolve("keys.json");
        String good = Files.readString(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(this::keys).hasMessageContaining("chmod 600");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        for (String damage : new String[] {
            "",
            "{",
            "[]",
            "{\"version\":2,\"keys\":[]}",
            good + "x",
            good.replace("\"sha256\" : \"", "\"sha256\" : \"0"),
            good.replace("\"payer\" : \"", "\"payer\" : \"0"),
            good.replace("2030", "soon"),
            good + " ".repeat(5 * 1024 * 1024)
        }) {
            Files.writeString(file, damage);
            assertThatThrownBy(this::keys)
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        }
    }

    @Test
    void namesAreBoundedAndUnknownIdsAreSaid() {
        ApiKeys keys = keys();
        for (String name : new String[] {"", " ", "x".repeat(101)}) {
            assertThatThrownBy(() -> keys.create(name, GatewayFixture.PAYER)).isInstanceOf(DecentralException.class);
        }
        assertThatThrownBy(() -> keys.revoke("key-none")).hasMessageContaining("no key key-none");
    }

    @Test
    void changesAtTheSameTimeAllCount() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ApiKeys.Created>> made = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ApiKeys keys = keys();
                made.add(threads.submit(() -> keys.create("k", GatewayFixture.PAYER)));
            }
            for (Future<ApiKeys.Created> future : made) {
                assertThat(keys().find(future.get().secret())).isPresent();
            }
        }
        assertThat(keys().list()).hasSize(20);
    }

    private ApiKeys keys() {
        return ApiKeys.in(folder, timers.clock(), new SecureRandom());
    }
}
