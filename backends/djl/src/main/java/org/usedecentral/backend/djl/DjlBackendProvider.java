package org.usedecentral.backend.djl;

import io.helidon.config.Config;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** Makes backends of type {@code djl}. */
public final class DjlBackendProvider implements InferenceBackendProvider {
    static final String TYPE = "djl";

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public boolean isNative() {
        return true;
    }

    @Override
    public InferenceBackend create(Config config, String name) {
        return new DjlBackend(name, Settings.from(config));
    }
}
