package org.usedecentral.spi.models;

import java.nio.file.Path;
import java.util.Optional;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Plugin;

/** A place that models come from. Thread-safe. */
public interface ModelSource extends Plugin {
    Optional<ModelArtifact> find(ModelId model);

    /** Fetches; the SHA-256 is checked before anyone can open the file. */
    Path fetch(ModelArtifact artifact, Progress progress) throws InterruptedException;
}
