package org.usedecentral.testkit.engine;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.usedecentral.engine.EngineLimits;
import org.usedecentral.engine.EngineParts;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.engine.EngineSpec;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.time.SystemTimers;
import org.usedecentral.time.Timers;

/** Engine hosts of tests. */
final class TestHost {
    /** Restarts at once, so that a test need not wait. */
    static final EngineLimits QUICK = new EngineLimits(
            Duration.ofMillis(100),
            30,
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            new EngineLimits.BackOff(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMinutes(1)));

    private TestHost() {}

    static EngineParts parts(Timers timers, Path directory, EngineLimits limits) {
        return new EngineParts(timers, new SecureRandom(), directory, limits, () -> {});
    }

    static EngineProcess create(EngineParts parts, String... keys) {
        return create(new ScriptedEngine(), parts, keys);
    }

    static EngineProcess create(InferenceBackendProvider provider, EngineParts parts, String... keys) {
        Map<String, String> map = new java.util.HashMap<>();
        for (int i = 0; i < keys.length; i += 2) {
            map.put(keys[i], keys[i + 1]);
        }
        Config config = map.isEmpty() ? Config.empty() : Config.just(ConfigSources.create(map));
        return EngineProcess.create(EngineSpec.of(provider, config, "hosted"), parts);
    }

    /** What the worker lends; the one artifact is {@code engine}. */
    static PluginContext context(Path directory) {
        return new Context(directory);
    }

    private record Context(Path dataDirectory) implements PluginContext {
        @Override
        public Clock clock() {
            return SystemTimers.CLOCK;
        }

        @Override
        public <P extends Plugin> List<P> plugins(Class<P> contract) {
            return List.of();
        }

        @Override
        public Path artifact(String id) {
            if (!id.equals("engine")) {
                throw new DecentralException(ErrorCode.NOT_FOUND, "no catalogue entry " + id);
            }
            return dataDirectory.resolve("fetched-" + id);
        }

        @Override
        public Bytes sha256(Path file) {
            if (!file.equals(dataDirectory.resolve("weights").toAbsolutePath())) {
                throw DecentralException.invalid("file", file + " was not asked for");
            }
            return Bytes.fromHex("ab".repeat(32));
        }

        @Override
        public Signer signer() {
            throw new AssertionError("an engine asks for the node's key");
        }
    }
}
