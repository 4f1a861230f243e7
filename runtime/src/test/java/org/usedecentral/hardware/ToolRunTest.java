package org.usedecentral.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tools that do what tools do when a driver is broken. */
@Timeout(60)
final class ToolRunTest {
    @TempDir
    Path folder;

    private DriverTools.Output run(String script) throws Exception {
        Path tool = Files.writeString(folder.resolve("tool"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
        return new ToolRun(Duration.ofSeconds(2)).run(List.of(tool.toString()));
    }

    @Test
    void whatItPrintsIsReadAndItsComplaintsAreNot() throws Exception {
        DriverTools.Output output = run("echo 'NVIDIA H100, 1, 1, 550.1, 9.0'; echo careful >&2");
        assertThat(output.isOk()).isTrue();
        assertThat(output.text()).isEqualTo("NVIDIA H100, 1, 1, 550.1, 9.0\n");
    }

    @Test
    void aFailureSaysHowAndTheFirstWords() throws Exception {
        assertThat(run("echo 'Failed to initialize NVML'; exit 18").failure())
                .isEqualTo("ends with 18: Failed to initialize NVML");
        assertThat(run("cat; echo no input").text()).as("it is asked nothing").isEqualTo("no input\n");
    }

    @Test
    void aToolThatHangsIsEndedWithWhatItStarted() throws Exception {
        Path pid = folder.resolve("pid");
        assertThat(run("sleep 600 & echo $! > " + pid + "; wait").failure()).isEqualTo("does not answer within 2 s");
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(child -> assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void endlessOutputIsCutOff() throws Exception {
        assertThat(run("yes").failure()).isEqualTo("prints more than 1024 KiB");
    }

    @Test
    void aMissingToolIsMissing() throws Exception {
        assertThat(new ToolRun().run(List.of(folder.resolve("none").toString())).isMissing())
                .isTrue();
    }
}
