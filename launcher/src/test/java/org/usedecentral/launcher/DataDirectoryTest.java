package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.DecentralException;

final class DataDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void itIsMadeForItsOwnerOnlyAndHeldByOne() throws IOException {
        Path path = folder.resolve("a/b");
        try (DataDirectory held = DataDirectory.open(path)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(held.path())))
                    .isEqualTo("rwx------");
            assertThat(DataDirectory.inUse(path)).isTrue();
            assertThatThrownBy(() -> DataDirectory.open(path))
                    .isInstanceOf(DecentralException.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
        }
        assertThat(DataDirectory.inUse(path)).isFalse();
        DataDirectory.open(path).close();
        assertThat(path).exists();
    }

    @Test
    void aTemporaryOneIsGoneWhenClosed() throws IOException {
        Path path;
        try (DataDirectory held = DataDirectory.temporary()) {
            path = held.path();
            Files.writeString(Files.createDirectories(path.resolve("x/y")).resolve("z"), "z");
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aPlaceThatCannotBeUsedIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> DataDirectory.open(file.resolve("below")))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("--data-dir");
    }
}
