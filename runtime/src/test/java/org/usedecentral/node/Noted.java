package org.usedecentral.node;

import io.helidon.config.Config;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.usedecentral.orchestrator.HandScheme;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofSchemeProvider;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;
import org.usedecentral.spi.routing.WorkerSnapshot;

/** Plugins that note when they are started and closed, and fail where their configuration says so. Public, for ServiceLoader makes them. */
public final class Noted {
    /** Such as {@code start noted-a} and {@code close noted-a}; tests empty it first. */
    static final List<String> LIFE = new CopyOnWriteArrayList<>();

    private Noted() {}

    private static void note(String what, String name) {
        LIFE.add(what + " " + name);
    }

    /** What a plugin does wrong. */
    private static void failIf(Config config, String when, String name) {
        if (config.get("fails").asString().orElse("").equals(when)) {
            throw new IllegalStateException(name + " fails on purpose");
        }
    }

    /** Backends of type {@code noted}. */
    public static final class Backends implements InferenceBackendProvider {
        @Override
        public String configKey() {
            return "noted";
        }

        @Override
        public InferenceBackend create(Config config, String name) {
            failIf(config, "create", name);
            return new Backend(config, name);
        }
    }

    /** Policies of type {@code noted}. */
    public static final class Policies implements RoutingPolicyProvider {
        @Override
        public String configKey() {
            return "noted";
        }

        @Override
        public RoutingPolicy create(Config config, String name) {
            return new Policy(name);
        }
    }

    /** Proof schemes of type {@code noted}. */
    public static final class Schemes implements ProofSchemeProvider {
        @Override
        public String configKey() {
            return "noted";
        }

        @Override
        public ProofScheme create(Config config, String name) {
            return new HandScheme() {
                @Override
                public void start(PluginContext context) {
                    note("start", name);
                }

                @Override
                public void close() {
                    note("close", name);
                }
            };
        }
    }

    private record Backend(Config config, String name) implements InferenceBackend {
        @Override
        public void start(PluginContext context) {
            note("start", name);
            failIf(config, "start", name);
        }

        @Override
        public void close() {
            note("close", name);
            failIf(config, "close", name);
        }

        @Override
        public List<Device> devices() {
            return List.of();
        }

        @Override
        public List<ModelCard> models() {
            return List.of();
        }

        @Override
        public BackendLoad load() {
            return new BackendLoad(1, 0, 0, 0);
        }

        @Override
        public String type() {
            return "noted";
        }
    }

    private record Policy(String name) implements RoutingPolicy {
        @Override
        public void start(PluginContext context) {
            note("start", name);
        }

        @Override
        public void close() {
            note("close", name);
        }

        @Override
        public void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores) {}

        @Override
        public String type() {
            return "noted";
        }
    }
}
