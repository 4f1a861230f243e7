package org.usedecentral.spi.inference;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.usedecentral.spi.PluginProvider;

/** Makes inference backends. */
public interface InferenceBackendProvider extends PluginProvider<InferenceBackend> {
    /** Keys of a backend's configuration that the runtime reads itself, for every type; a provider that refuses unknown keys lets them pass. */
    Set<String> RUNTIME_KEYS = Set.of("type", "name", "models", "isolation");

    /**
     * Whether the engine runs native code in its process, where a fault ends the process. The runtime gives such a backend an engine host process of its own
     * unless configured otherwise ({@code isolation: none}).
     */
    default boolean isNative() {
        return false;
    }

    /**
     * What a file of weights says of itself, read without loading it; empty if it is not of a format that this engine reads.
     *
     * @throws org.usedecentral.spi.DecentralException {@code INVALID_REQUEST} if it is, and damaged
     */
    default Optional<WeightsInfo> describe(Path weights) {
        return Optional.empty();
    }
}
