package org.usedecentral.backend.djl;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.inference.InferenceBackendContract;

/** The contract, asked of the real model. */
@Timeout(120)
final class DjlContractTest implements InferenceBackendContract {
    @TempDir
    static Path directory;

    private static InferenceBackend started;

    @BeforeAll
    static void start() {
        started = Minilm.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        started.close();
    }

    @Override
    public InferenceBackend backend() {
        return started;
    }

    @Override
    public ModelId model() {
        return Minilm.ID;
    }

    @Override
    public boolean countsInputTokens() {
        return false;
    }
}
