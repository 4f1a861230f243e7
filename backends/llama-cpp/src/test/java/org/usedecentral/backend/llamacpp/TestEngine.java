package org.usedecentral.backend.llamacpp;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;

/** The real engine and model, which the build provides. Without them the tests fail: none of them may be skipped. */
final class TestEngine {
    static final ModelId MODEL = new ModelId("smollm2");

    private TestEngine() {}

    static Path library() {
        return provided("decentral.test.llama.library", "the directory of libllama v0.5.0");
    }

    static Path model() {
        return provided("decentral.test.llama.model", "SmolLM2-135M-Instruct.Q4_1.gguf");
    }

    private static Path provided(String property, String what) {
        String value = System.getProperty(property, "");
        if (value.isEmpty() || !Files.exists(Path.of(value))) {
            throw new AssertionError("set -D" + property + " to " + what + "; it is '" + value + "'");
        }
        return Path.of(value);
    }

    /** A started backend with the model loaded; {@code more} are further keys and values of its configuration. */
    static LlamaCppBackend start(String... more) {
        Map<String, String> keys = new HashMap<>();
        keys.put("model", model().toString());
        keys.put("model-id", MODEL.value());
        keys.put("context", "1024");
        for (int i = 0; i < more.length; i += 2) {
            keys.put(more[i], more[i + 1]);
        }
        return start(keys);
    }

    /** A started backend without a model. */
    static LlamaCppBackend startEmpty() {
        return start(Map.of("context", "256", "slots", "1"));
    }

    /** A started backend with just these keys and values of its configuration, and without a model. */
    static LlamaCppBackend startEmpty(String... keys) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < keys.length; i += 2) {
            all.put(keys[i], keys[i + 1]);
        }
        return start(all);
    }

    private static LlamaCppBackend start(Map<String, String> keys) {
        Map<String, String> all = new HashMap<>(keys);
        all.put("library", library().toString());
        LlamaCppBackend backend = (LlamaCppBackend) new LlamaCppBackendProvider().create(config(all), "test");
        try {
            backend.start(new Context());
            return backend;
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    static Config config(Map<String, String> keys) {
        return Config.just(ConfigSources.create(keys));
    }

    static GenerationRequest.Builder greedy(String prompt, int tokens) {
        return greedy(MODEL, prompt, tokens);
    }

    static GenerationRequest.Builder greedy(ModelId model, String prompt, int tokens) {
        return GenerationRequest.builder(model, List.of(Message.of(Message.Role.USER, prompt)))
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(tokens);
    }

    /** A whole generation. */
    record Output(String text, List<String> deltas, FinishReason reason, Usage usage, int countedTokens) {}

    static Output run(LlamaCppBackend backend, GenerationRequest request) throws InterruptedException {
        try (TokenStream stream = backend.generate(request)) {
            return drain(stream);
        }
    }

    static Output drain(TokenStream stream) throws InterruptedException {
        List<String> deltas = new ArrayList<>();
        int tokens = 0;
        while (true) {
            switch (stream.next()) {
                case GenerationEvent.TextDelta delta -> {
                    deltas.add(delta.text());
                    tokens += delta.tokens();
                }
                case GenerationEvent.Finished end -> {
                    return new Output(
                            String.join("", deltas), deltas, end.reasons().getFirst(), end.usage(), tokens);
                }
                case GenerationEvent.ToolCallDelta call -> throw new AssertionError("nobody asked for " + call);
            }
        }
    }

    /** A node of which only the clock is used. */
    static final class Context implements PluginContext {
        @Override
        public Clock clock() {
            return Clock.fixed(Instant.parse("2025-03-09T07:05:04Z"), ZoneOffset.UTC);
        }

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
            return library();
        }

        @Override
        public Signer signer() {
            throw DecentralException.unsupported("signing by a backend");
        }
    }
}
