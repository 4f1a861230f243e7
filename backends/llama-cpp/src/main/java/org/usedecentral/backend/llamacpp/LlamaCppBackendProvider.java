package org.usedecentral.backend.llamacpp;

import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.Optional;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.inference.WeightsInfo;

/** Makes backends of type {@code llama-cpp}. */
public final class LlamaCppBackendProvider implements InferenceBackendProvider {
    static final String TYPE = "llama-cpp";

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public boolean isNative() {
        return true;
    }

    @Override
    public Optional<WeightsInfo> describe(Path weights) {
        return GgufFile.isGguf(weights) ? Optional.of(GgufFile.read(weights).info()) : Optional.empty();
    }

    @Override
    public InferenceBackend create(Config config, String name) {
        return new LlamaCppBackend(name, Settings.from(config));
    }
}
