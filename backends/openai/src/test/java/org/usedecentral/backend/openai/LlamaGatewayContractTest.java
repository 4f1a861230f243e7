package org.usedecentral.backend.openai;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.backend.llamacpp.LlamaCppBackendProvider;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.inference.InferenceBackendContract;

/** The contract against a real server over a real model: a node of this network with llama.cpp. */
final class LlamaGatewayContractTest implements InferenceBackendContract {
    private static final ModelId MODEL = new ModelId("smollm2");

    @TempDir
    private static Path directory;

    private static TestGateway gateway;
    private static OpenAiBackend backend;

    @BeforeAll
    static void start() {
        InferenceBackend engine = new LlamaCppBackendProvider()
                .create(
                        TestBackend.config(Map.of(
                                "library",
                                provided("decentral.test.llama.library"),
                                "model",
                                provided("decentral.test.llama.model"),
                                "model-id",
                                MODEL.value(),
                                "slots",
                                "6",
                                "context",
                                "2048")),
                        "engine");
        gateway = TestGateway.over(engine, directory);
        backend = TestBackend.start(
                gateway.url(),
                new TurnableClock(),
                "api-key",
                gateway.key(),
                "slots",
                "2",
                "upstream-models.0.id",
                MODEL.value(),
                "upstream-models.0.features",
                "generate,deterministic,prefix-caching");
    }

    private static String provided(String property) {
        String value = System.getProperty(property, "");
        if (value.isEmpty()) {
            throw new AssertionError("the build did not provide " + property);
        }
        return value;
    }

    @AfterAll
    static void stop() {
        backend.close();
        gateway.close();
    }

    @Override
    public InferenceBackend backend() {
        return backend;
    }

    @Override
    public ModelId model() {
        return MODEL;
    }

    @Override
    public boolean countsInputTokens() {
        return false;
    }

    @Override
    public String longPrompt() {
        return "Tell me a very long story about a dragon.";
    }
}
