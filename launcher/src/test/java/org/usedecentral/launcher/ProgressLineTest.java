package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
    private static final long MIB = 1 << 20;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long nanos;

    private ProgressLine line(boolean interactive) {
        return new ProgressLine(new PrintStream(err, true, StandardCharsets.UTF_8), interactive, () -> nanos);
    }

    private void report(ProgressLine line, long done, long afterMillis) {
        nanos += afterMillis * 1_000_000;
        line.report("model", done * MIB, 10 * MIB);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whereNobodyLooksALineComesNowAndThen() {
        ProgressLine line = line(false);
        for (int i = 0; i <= 100; i++) {
            nanos += 100_000_000;
            line.report("model", i * MIB / 10, 10 * MIB);
        }
        line.report("model", 10 * MIB, 10 * MIB);
        assertThat(said().lines())
                .containsExactly(
                        "fetching model: 0.0 of 10.0 MiB",
                        "fetching model: 5.0 of 10.0 MiB",
                        "fetching model: 10.0 of 10.0 MiB");
    }

    @Test
    void whereAPersonLooksOneLineChanges() {
        ProgressLine line = line(true);
        report(line, 0, 0);
        report(line, 1, 10);
        report(line, 5, 200);
        report(line, 10, 1);
        line.end();
        assertThat(said())
                .isEqualTo("\rfetching model [........................] 0.0 of 10.0 MiB   "
                        + "\rfetching model [############............] 5.0 of 10.0 MiB   "
                        + "\rfetching model [########################] 10.0 of 10.0 MiB   \n");
    }

    @Test
    void anUnknownSizeIsNotMadeUp() {
        ProgressLine line = line(false);
        line.report("engine", 3 * MIB, 0);
        assertThat(said()).isEqualTo("fetching engine: 3.0 MiB\n");
    }

    @Test
    void aLineThatIsLeftIsEnded() {
        ProgressLine line = line(true);
        report(line, 1, 0);
        line.end();
        line.end();
        assertThat(said()).endsWith("MiB   \n");
    }
}
