package org.usedecentral.backend.javallama;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;

/** The library and the model that the build provides. Without them the tests fail: none of them may be skipped. */
final class RealEngine {
    static final ModelId MODEL = new ModelId("smollm2");

    private RealEngine() {}

    static Path weights() {
        String value = System.getProperty("decentral.test.llama.model", "");
        if (value.isEmpty() || !Files.exists(Path.of(value))) {
            throw new AssertionError("set -Ddecentral.test.llama.model to SmolLM2-135M-Instruct.Q4_1.gguf");
        }
        return Path.of(value);
    }

    /** A started backend of two slots with the model loaded. */
    static InferenceBackend start(Path directory) {
        return start(directory, Map.of("model", weights().toString(), "model-id", MODEL.value()));
    }

    static InferenceBackend start(Path directory, Map<String, String> more) {
        Map<String, String> keys = new HashMap<>(Map.of("context", "2048", "slots", "2"));
        keys.putAll(more);
        InferenceBackend backend =
                new JavaLlamaBackendProvider().create(Config.just(ConfigSources.create(keys)), "test");
        try {
            backend.start(new Context(directory));
            return backend;
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    private record Context(Path dataDirectory) implements PluginContext {
        @Override
        public Clock clock() {
            throw new AssertionError("the backend knows no time");
        }

        @Override
        public <P extends Plugin> List<P> plugins(Class<P> contract) {
            throw new AssertionError("the backend builds on no other plugin");
        }

        @Override
        public Path artifact(String id) {
            throw new AssertionError("the library brings its native part along");
        }

        @Override
        public Signer signer() {
            throw DecentralException.unsupported("signing by a backend");
        }
    }
}
