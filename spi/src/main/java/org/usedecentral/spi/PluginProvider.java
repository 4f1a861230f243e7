package org.usedecentral.spi;

import io.helidon.config.Config;
import io.helidon.config.ConfiguredProvider;

/**
 * Makes plugins of one kind from configuration. Found by {@link java.util.ServiceLoader}; the key, which is the {@code type} of a configured plugin, is unique among providers of a kind.
 *
 * @param <T> the contract of the plugin
 */
public interface PluginProvider<T extends Plugin> extends ConfiguredProvider<T> {
    /**
     * Makes a plugin; reads configuration, does no I/O.
     *
     * @throws DecentralException {@code INVALID_REQUEST} naming the key that is wrong
     */
    @Override
    T create(Config config, String name);

    /** The plugin API this provider was built for; the runtime refuses another major version. */
    default int apiVersion() {
        return API_VERSION;
    }

    /** The version of these contracts. Overridden by nobody but tests of the refusal. */
    int API_VERSION = 1;
}
