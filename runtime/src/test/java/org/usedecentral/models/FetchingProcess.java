package org.usedecentral.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A process of its own that fetches the artifact {@code m}. */
final class FetchingProcess {
    private FetchingProcess() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Catalogue catalogue = Catalogue.of(
                Platform.current(),
                CatalogueTest.yaml(Files.readString(Path.of(arguments[0]))).get("catalogue"));
        Path _ = ArtifactStore.create(
                        catalogue, Path.of(arguments[1]), Optional.of(Path.of(arguments[2])), (_, _, _) -> {})
                .fetch("m");
    }
}
