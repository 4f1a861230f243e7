package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.engine.EngineLimits;
import org.usedecentral.engine.EngineParts;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.engine.EngineSpec;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.inference.InferenceBackendContract;
import org.usedecentral.time.SystemTimers;

/** llama.cpp in an engine host, as workers run it. */
final class HostedContractTest implements InferenceBackendContract {
    private static final SystemTimers TIMERS = new SystemTimers(SystemTimers.CLOCK);

    @TempDir
    private static Path directory;

    private static EngineProcess engine;

    @BeforeAll
    static void start() {
        Map<String, String> keys = Map.of(
                "library", TestEngine.library().toString(),
                "model", TestEngine.model().toString(),
                "model-id", TestEngine.MODEL.value(),
                "slots", "4",
                "context", "2048");
        engine = EngineProcess.create(
                EngineSpec.of(new LlamaCppBackendProvider(), TestEngine.config(keys), "hosted"),
                new EngineParts(TIMERS, new SecureRandom(), directory, EngineLimits.DEFAULT, () -> {}));
        engine.start(new TestEngine.Context());
    }

    @AfterAll
    static void stop() {
        engine.close();
        TIMERS.close();
    }

    @Override
    public InferenceBackend backend() {
        return engine;
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
