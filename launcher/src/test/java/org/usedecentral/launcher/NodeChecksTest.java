package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeChecksTest {
    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    @TempDir
    private Path directory;

    private void record(String time, String engine, String cause) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("engines/crashes"));
        Files.writeString(
                folder.resolve(time.replaceAll("[-:]", "") + "-" + engine + ".txt"),
                "time    " + time + "\nengine  " + engine + "\ncause   " + cause + "\n");
    }

    @Test
    void enginesThatCrashedLatelyAreShownWithWhatToDo() throws IOException {
        assertThat(NodeChecks.crashes(directory, NOW).level()).isEqualTo(Check.Level.OK);
        record("2026-02-01T12:00:00Z", "old", "SIGSEGV (0xb)");
        record("2026-03-09T12:00:00Z", "llama-cpp", "SIGSEGV (0xb) in C  [libllama.so+0x12]");
        Files.writeString(directory.resolve("engines/crashes/broken.txt"), "not a record");
        Check check = NodeChecks.crashes(directory, NOW);
        assertThat(check.level()).isEqualTo(Check.Level.WARN);
        assertThat(check.detail()).contains("1 in the last 7 days", "llama-cpp", "libllama.so");
        assertThat(check.remedy()).contains("library", "20260309T120000Z-llama-cpp.txt");
        record("2026-03-10T11:00:00Z", "llama-cpp", "killed by SIGKILL");
        assertThat(NodeChecks.crashes(directory, NOW).remedy()).contains("fewer slots");
    }
}
