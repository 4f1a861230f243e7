package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ErrorCode;

/** docs/errors.md says what the code says. */
final class RemediesTest {
    @TempDir
    Path home;

    @Test
    void theTableOfTheDocumentationIsTheCodes() throws Exception {
        Path file = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("../docs/errors.md");
        List<String> rows = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorCode.values()).map(Remedies::row).toList());
    }

    @Test
    void everyCodeIsExplained() {
        for (ErrorCode code : ErrorCode.values()) {
            Ran ran = Ran.command(Ran.Setting.of(home), "explain", code.name().toLowerCase(java.util.Locale.ROOT));
            assertThat(ran.code()).isZero();
            assertThat(ran.out()).contains(code.name(), Remedies.of(code).whatToDo());
        }
    }

    @Test
    void aCodeThatIsNoneIsRefusedWithThoseThereAre() {
        Ran ran = Ran.command(Ran.Setting.of(home), "explain", "E42");
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).contains("NO_WORKER");
    }
}
