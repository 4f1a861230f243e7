package org.usedecentral.backend.openai;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
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
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.testkit.TurnableClock;

/** Backends under test, and requests to them. */
final class TestBackend {
    static final ModelId MODEL = new ModelId("m");

    private TestBackend() {}

    static Config config(Map<String, String> keys) {
        return Config.just(ConfigSources.create(keys));
    }

    /** A started backend; {@code more} are further keys and values. */
    static OpenAiBackend start(String url, Clock clock, String... more) {
        Map<String, String> keys = new HashMap<>(Map.of("url", url));
        for (int i = 0; i < more.length; i += 2) {
            keys.put(more[i], more[i + 1]);
        }
        OpenAiBackend backend = (OpenAiBackend) new OpenAiBackendProvider().create(config(keys), "test");
        backend.start(new Context(clock));
        return backend;
    }

    static OpenAiBackend start(FaultServer server, String... more) {
        return start(server.url(), new TurnableClock(), more);
    }

    static GenerationRequest.Builder request(String prompt) {
        return GenerationRequest.builder(MODEL, List.of(Message.of(Message.Role.USER, prompt)));
    }

    /** A node of which only the clock is used. */
    record Context(Clock clock) implements PluginContext {
        @Override
        public Path dataDirectory() {
            throw new AssertionError("the backend keeps no data");
        }

        @Override
        public <P extends Plugin> List<P> plugins(Class<P> contract) {
            throw new AssertionError("the backend builds on no other plugin");
        }

        @Override
        public Path artifact(String id) {
            throw new AssertionError("the backend fetches nothing");
        }

        @Override
        public Signer signer() {
            throw DecentralException.unsupported("signing by a backend");
        }
    }
}
