package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetches everything the bundled catalogue has for this platform, with the real npm and pip, from nothing. */
@Tag("interop")
class RealPackagesTest {
    @TempDir
    Path folder;

    @Test
    void theCatalogueHolds() throws Exception {
        Catalogue catalogue = Catalogue.bundled();
        ArtifactStore store = ArtifactStore.create(catalogue, folder, Optional.empty(), (_, _, _) -> {});
        for (CatalogueEntry entry : catalogue.entries()) {
            Path path = store.fetch(entry.id());
            assertThat(store.locate(entry.id())).contains(path);
            if (entry.kind() == CatalogueEntry.Kind.MODEL) {
                assertThat(path).hasSize(entry.sizeBytes());
            } else {
                try (Stream<Path> files = Files.list(path)) {
                    assertThat(files.map(file -> file.getFileName().toString()))
                            .anyMatch(name -> name.startsWith("libllama"));
                }
            }
        }
    }
}
