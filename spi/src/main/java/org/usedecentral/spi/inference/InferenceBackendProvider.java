package org.usedecentral.spi.inference;

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
}
