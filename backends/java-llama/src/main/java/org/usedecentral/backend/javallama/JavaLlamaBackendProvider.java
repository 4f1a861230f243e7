package org.usedecentral.backend.javallama;

import io.helidon.config.Config;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** Makes backends of type {@code java-llama}. */
public final class JavaLlamaBackendProvider implements InferenceBackendProvider {
    static final String TYPE = "java-llama";

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
        return new JavaLlamaBackend(name, Settings.from(config));
    }
}
