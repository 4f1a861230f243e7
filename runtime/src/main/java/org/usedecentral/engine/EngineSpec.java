package org.usedecentral.engine;

import io.helidon.config.Config;
import java.util.Map;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/**
 * Which backend an engine host runs.
 *
 * @param name of the backend
 * @param type of its provider
 * @param provider the provider's class
 * @param keys its configuration, flat
 */
public record EngineSpec(String name, String type, String provider, Map<String, String> keys) {
    public EngineSpec {
        keys = Map.copyOf(keys);
    }

    /** What {@code provider.create(config, name)} would make. */
    public static EngineSpec of(InferenceBackendProvider provider, Config config, String name) {
        Map<String, String> keys = config.exists() ? config.detach().asMap().orElse(Map.of()) : Map.of();
        return new EngineSpec(name, provider.configKey(), provider.getClass().getName(), keys);
    }
}
