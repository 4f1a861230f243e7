package org.usedecentral.backend.llamacpp;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.inference.InferenceBackendContract;

final class LlamaCppContractTest implements InferenceBackendContract {
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "4", "context", "2048");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @Override
    public InferenceBackend backend() {
        return backend;
    }

    @Override
    public ModelId model() {
        return TestEngine.MODEL;
    }

    @Override
    public String longPrompt() {
        return "Tell me a very long story about a dragon.";
    }
}
