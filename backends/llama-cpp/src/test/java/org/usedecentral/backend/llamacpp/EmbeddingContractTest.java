package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.inference.InferenceBackendContract;

/** The contract, asked of a small embedding model in the real engine. */
@Timeout(120)
final class EmbeddingContractTest implements InferenceBackendContract {
    private static final ModelId MODEL = new ModelId("tiny-bert");

    @TempDir
    private static Path folder;

    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() throws Exception {
        Path file = new TinyBert(7).write(folder.resolve("tiny-bert.gguf"));
        backend = TestEngine.startEmpty("model", file.toString(), "threads", "1");
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
        return MODEL;
    }

    @Override
    public boolean countsInputTokens() {
        return false;
    }
}
