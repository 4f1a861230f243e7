package org.usedecentral.testkit.engine;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.engine.EngineLimits;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.testkit.inference.InferenceBackendContract;
import org.usedecentral.time.SystemTimers;

/** A backend in an engine host is a backend like any other. */
final class HostedBackendContractTest {
    @TempDir
    private static Path directory;

    private static SystemTimers timers;
    private static EngineProcess full;
    private static EngineProcess plain;

    @BeforeAll
    static void start() {
        timers = new SystemTimers(SystemTimers.CLOCK);
        full = start("all");
        plain = start("none");
    }

    private static EngineProcess start(String features) {
        EngineProcess engine =
                TestHost.create(TestHost.parts(timers, directory, EngineLimits.DEFAULT), "features", features);
        engine.start(TestHost.context(directory));
        return engine;
    }

    @AfterAll
    static void stop() {
        full.close();
        plain.close();
        timers.close();
    }

    /** What both ask. */
    interface Hosted extends InferenceBackendContract {
        @Override
        default ModelId model() {
            return ScriptedEngine.MODEL;
        }

        @Override
        default String repetitivePrompt() {
            return "Say: sun moon sun moon sun moon sun and moon again";
        }

        @Override
        default boolean sameForEverySeed() {
            return true;
        }
    }

    @Nested
    final class WithEveryFeature implements Hosted {
        @Override
        public InferenceBackend backend() {
            return full;
        }
    }

    @Nested
    final class WithoutFeatures implements Hosted {
        @Override
        public InferenceBackend backend() {
            return plain;
        }
    }
}
