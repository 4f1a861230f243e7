package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.crypto.KeyFile;
import org.usedecentral.spi.Bytes;

@Timeout(60)
final class StatusSocketTest {
    private static final Bytes STATUS = Bytes.utf8("{\"running\":true,\"worker\":\"w\",\"jobs\":{\"done\":3},"
            + "\"jobs_elsewhere\":{\"full\":2},\"orchestrators\":[]}");

    @TempDir
    Path home;

    @Test
    void whoAsksIsToldAndOnlyTheOwnerCanAsk() throws Exception {
        Path file = home.resolve(StatusSocket.FILE_NAME);
        Files.writeString(file, "left by a crash");
        try (StatusSocket _ = StatusSocket.open(home, () -> STATUS)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            for (int i = 0; i < 3; i++) {
                assertThat(StatusSocket.ask(home)
                                .orElseThrow()
                                .path("jobs")
                                .path("done")
                                .asInt())
                        .isEqualTo(3);
            }
        }
        assertThat(file).doesNotExist();
        assertThat(StatusSocket.ask(home)).isEmpty();
    }

    @Test
    void aStatusThatCannotBeMadeDoesNotEndTheSocket() throws Exception {
        int[] asked = {0};
        try (StatusSocket _ = StatusSocket.open(home, () -> {
            if (asked[0]++ == 0) {
                throw new IllegalStateException("the node is stopping");
            }
            return STATUS;
        })) {
            assertThat(Ran.command(Ran.Setting.of(home), "worker", "status", "--data-dir", home.toString())
                            .code())
                    .isEqualTo(1);
            assertThat(StatusSocket.ask(home)).isPresent();
        }
    }

    @Test
    void aPathTooLongForASocketIsNoFailure() throws Exception {
        Path deep = Files.createDirectories(home.resolve("x".repeat(120)));
        try (StatusSocket _ = StatusSocket.open(deep, () -> STATUS)) {
            assertThat(StatusSocket.ask(deep)).isEmpty();
        }
    }

    @Test
    void theCommandShowsWhatTheWorkerSays() {
        try (StatusSocket _ = StatusSocket.open(home, () -> STATUS)) {
            Ran ran = Ran.command(Ran.Setting.of(home), "worker", "status", "--data-dir", home.toString());
            assertThat(ran.code()).isZero();
            assertThat(ran.out()).contains("3 done", "links      none: no job can come", "elsewhere  jobs: 2 full");
            Ran json = Ran.command(Ran.Setting.of(home), "worker", "status", "--json", "--data-dir", home.toString());
            assertThat(json.out().strip())
                    .isEqualTo("{\"running\":true,\"worker\":\"w\",\"jobs\":{\"done\":3},"
                            + "\"jobs_elsewhere\":{\"full\":2},\"orchestrators\":[]}");
        }
    }

    @Test
    void withoutAWorkerItSaysSoAndWhatIsOnDisk() throws Exception {
        Ran none = Ran.command(Ran.Setting.of(home), "worker", "status");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).contains("no worker runs in " + home.resolve(".decentral-worker"), "--data-dir");

        Path directory = Files.createDirectories(home.resolve(".decentral"));
        String account = KeyFile.loadOrCreate(directory.resolve("worker.json"), new SecureRandom())
                .account()
                .toString();
        Ran stopped = Ran.command(Ran.Setting.of(home), "worker", "status");
        assertThat(stopped.code()).isEqualTo(1);
        assertThat(stopped.out()).contains(account + ", stopped", "0 attempts", "0 vouchers");
    }
}
