package org.usedecentral.backend.javallama;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.inference.InferenceBackendContract;

final class JavaLlamaContractTest implements InferenceBackendContract {
    @TempDir
    private static Path directory;

    private static InferenceBackend backend;

    @BeforeAll
    static void start() {
        backend = RealEngine.start(directory);
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
        return RealEngine.MODEL;
    }

    @Override
    public String longPrompt() {
        return "Tell me a very long story about a dragon.";
    }
}
