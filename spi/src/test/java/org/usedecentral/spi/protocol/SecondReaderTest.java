package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The vectors against an independent implementation, in Python: what both compute is what the protocol's description says. */
final class SecondReaderTest {
    private static final int LIMIT_SECONDS = 120;

    @Test
    void anIndependentReaderAgrees() throws InterruptedException {
        Process python = start("python3", "-B", "src/test/python/vectors.py", "check", "src/test/vectors");
        try {
            boolean ended = python.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(ended).as("python3 ended within %d s", LIMIT_SECONDS).isTrue();
            assertThat(python.exitValue()).as("python3: %s", output(python)).isZero();
        } finally {
            python.destroyForcibly();
        }
    }

    private static Process start(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(
                    "The test vectors are checked by Python as well, and python3 cannot be run. Install Python 3.11 or"
                            + " later, for example: apt-get install python3",
                    e);
        }
    }

    /** At most a screenful: the pipe holds it, so the process never waits for us. */
    private static String output(Process process) {
        try {
            return new String(process.getInputStream().readNBytes(8192), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "its output cannot be read: " + e;
        }
    }
}
