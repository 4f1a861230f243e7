package org.usedecentral.backend.djl;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;

/** Backends with the real all-MiniLM-L6-v2, which the build fetched. Stateless. */
final class Minilm {
    static final ModelId ID = new ModelId("minilm");

    private Minilm() {}

    static Path weights() {
        return Path.of(Objects.requireNonNull(
                System.getProperty("decentral.test.minilm"),
                "the build says where the model is; see backends/djl/pom.xml"));
    }

    static Config config(Map<String, String> keys) {
        return Config.just(ConfigSources.create(keys));
    }

    static InferenceBackend create(Map<String, String> keys) {
        return new DjlBackendProvider().create(config(keys), "djl");
    }

    /** A backend that has the model. */
    static InferenceBackend start(Path directory, Map<String, String> more) {
        Map<String, String> keys = new java.util.HashMap<>(more);
        keys.putIfAbsent("model", weights().toString());
        keys.putIfAbsent("model-id", ID.value());
        InferenceBackend backend = create(keys);
        try {
            backend.start(new Context(directory));
            return backend;
        } catch (DecentralException e) {
            backend.close();
            throw e;
        }
    }

    /** What a backend may use at its start. */
    record Context(Path dataDirectory) implements PluginContext {
        @Override
        public Clock clock() {
            return Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        }

        @Override
        public <P extends Plugin> List<P> plugins(Class<P> contract) {
            return List.of();
        }

        @Override
        public Path artifact(String id) {
            throw DecentralException.unsupported("fetching in this test");
        }

        @Override
        public Signer signer() {
            throw DecentralException.unsupported("signing by a backend");
        }
    }
}
