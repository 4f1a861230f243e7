package org.usedecentral.backend.openai;

import io.helidon.config.Config;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** Makes backends of type {@code openai}. */
public final class OpenAiBackendProvider implements InferenceBackendProvider {
    static final String TYPE = "openai";

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public InferenceBackend create(Config config, String name) {
        return new OpenAiBackend(name, Settings.from(config));
    }
}
