package org.usedecentral.node;

import io.helidon.common.Errors;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.websocket.WsRouting;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.gateway.ApiKeys;
import org.usedecentral.gateway.GatewayFeature;
import org.usedecentral.gateway.LedgerRoutes;
import org.usedecentral.link.Link;
import org.usedecentral.link.WebSocketWire;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.orchestrator.Orchestrator;
import org.usedecentral.orchestrator.Parts.WeighedPolicy;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.models.Progress;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.time.SystemTimers;
import org.usedecentral.time.Timers;
import org.usedecentral.worker.WorkerService;

/**
 * A node of the network, to be embedded: an orchestrator, a worker, or both. It opens no port of its own, installs no shutdown hook, sets up no logging and
 * leaves only daemon threads. Thread-safe once started.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Node.class.getName());

    private final Builder builder;
    private final NodeConfig config;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private @Nullable Assembly assembly;
    private boolean closed;

    private Node(Builder builder) {
        this.builder = builder;
        try {
            ConfigKeys.check(builder.config);
            this.config = NodeConfig.create(builder.config);
        } catch (ConfigException | Errors.ErrorMessagesException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "the configuration cannot be read: " + e.getMessage(), e);
        }
    }

    /** A node of the given configuration; nothing is created or opened before {@link #start}. */
    public static Node create(Config config) {
        return builder().config(config).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Creates and starts plugins, fetches and loads models, takes up what the last run left. Blocks until jobs can be taken.
     *
     * @throws DecentralException naming the plugin or key that stops the start; everything that was started is closed again
     */
    public synchronized Node start() {
        if (assembly != null || closed) {
            throw new IllegalStateException("a node is started once");
        }
        try {
            assembly = Assembly.start(builder, config, running);
            return this;
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while starting", e);
        }
    }

    private synchronized Assembly assembly() {
        if (assembly == null || closed) {
            throw new IllegalStateException("the node is not running");
        }
        return assembly;
    }

    /** The node's own account. */
    public Account account() {
        return assembly().keys().node().account();
    }

    /** The account whose approval lets this node lock a payer's credits. */
    public Account spender() {
        return assembly().keys().spender().account();
    }

    public SettlementLedger ledger() {
        return assembly().plugins().ledger();
    }

    public Path dataDirectory() {
        return assembly().directory();
    }

    /** The network as one backend; {@code UNSUPPORTED_FEATURE} if this node takes no jobs. */
    public Jobs jobs() {
        return orchestrator();
    }

    private Orchestrator orchestrator() {
        return assembly()
                .orchestrator()
                .orElseThrow(() -> DecentralException.unsupported("taking jobs (orchestrator.enabled is false)"));
    }

    /** This node's worker, if it has one. */
    public Optional<WorkerService> worker() {
        return assembly().worker();
    }

    /** The engines, started, with their models. The node closes them. */
    public List<InferenceBackend> backends() {
        return assembly().plugins().backends();
    }

    /** Names and secrets of clients. */
    public ApiKeys apiKeys() {
        return assembly().apiKeys();
    }

    /** The HTTP edge's routes, to mount on a Helidon server. */
    public HttpFeature gateway() {
        Assembly parts = assembly();
        GatewayFeature feature = new GatewayFeature(new GatewayFeature.Collaborators(
                orchestrator(), parts.apiKeys(), parts.plugins().ledger(), parts.timers(), parts.gatewayLimits()));
        LedgerRoutes ledger = new LedgerRoutes(parts.plugins().ledger());
        return routing -> {
            feature.setup(routing);
            routing.post("/v1/workers/ledger", ledger::handle);
        };
    }

    /** The sockets workers link to, to mount beside {@link #gateway}. */
    public WsRouting.Builder sockets() {
        Orchestrator orchestrator = orchestrator();
        return WsRouting.builder()
                .endpoint("/v1/workers/link", () -> new WebSocketWire(wire -> Link.accept(orchestrator.links(), wire)));
    }

    /** The configuration it was made from, defaults filled in. */
    public NodeConfig configuration() {
        return config;
    }

    /**
     * A payer for trying things out, made on the first call: it holds 10 USDC of development credit and has approved this node's spender.
     * Only on an embedded ledger, whose operator this node is.
     */
    public Account developmentPayer() {
        return DevelopmentPayer.open(assembly());
    }

    /** Jobs that this node relays, or where it takes none those that its worker runs. */
    public int runningJobs() {
        Assembly parts = assembly();
        return parts.orchestrator()
                .map(Orchestrator::running)
                .orElseGet(() -> parts.worker().map(WorkerService::running).orElse(0));
    }

    /**
     * Takes no new jobs and waits for those that run, as a client of this node or of others would want it before {@link #close}. Interrupting the thread ends
     * the wait.
     *
     * @param limit of real time
     * @return false if jobs still run
     */
    public boolean drain(Duration limit) {
        Assembly parts = assembly();
        parts.worker().ifPresent(WorkerService::drain);
        parts.orchestrator().ifPresent(Orchestrator::drain);
        long end = System.nanoTime() + limit.toNanos();
        boolean idle = parts.orchestrator().map(one -> one.awaitDrained(limit)).orElse(true);
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        return parts.worker().map(one -> one.awaitDrained(left)).orElse(true) && idle;
    }

    /** Ends what runs, in reverse; what is owed to the ledger is written or stays in the outbox. Any number of times. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "closing goes on after: " + e, e);
            }
        }
    }

    /** Collects a {@link Node}. One thread. */
    public static final class Builder {
        private final List<InferenceBackend> backends = new ArrayList<>();
        private final List<WeighedPolicy> policies = new ArrayList<>();
        private Config config = Config.empty();
        private @Nullable SettlementLedger ledger;
        private @Nullable Path dataDirectory;
        private @Nullable Timers timers;
        private Clock clock = SystemTimers.CLOCK;
        private SecureRandom random = new SecureRandom();
        private Progress progress = (what, done, total) -> {};
        private MeterRegistry meters = new CompositeMeterRegistry();

        private boolean enginesOnly;

        private Builder() {}

        /** Starts the engines with their models and nothing else, for who only wants to measure or try them. */
        public Builder enginesOnly(boolean value) {
            this.enginesOnly = value;
            return this;
        }

        /** The subtree that describes the node. */
        public Builder config(Config value) {
            this.config = value;
            return this;
        }

        /** A backend beside those of the configuration; the node starts and closes it. */
        public Builder backend(InferenceBackend value) {
            backends.add(value);
            return this;
        }

        /** A routing policy beside those of the configuration. */
        public Builder policy(RoutingPolicy value, double weight) {
            policies.add(new WeighedPolicy(value, weight));
            return this;
        }

        /** The ledger, instead of the configured one; the node starts and closes it. */
        public Builder ledger(SettlementLedger value) {
            this.ledger = value;
            return this;
        }

        public Builder dataDirectory(Path value) {
            this.dataDirectory = value;
            return this;
        }

        /** The wall clock, the system's by default. */
        public Builder clock(Clock value) {
            this.clock = value;
            return this;
        }

        /** Clock and alarms at once, for tests that turn time. */
        public Builder timers(Timers value) {
            this.timers = value;
            this.clock = value.clock();
            return this;
        }

        public Builder random(SecureRandom value) {
            this.random = value;
            return this;
        }

        /** Told how far downloads are. */
        public Builder progress(Progress value) {
            this.progress = value;
            return this;
        }

        /** Where the node's meters go, such as an embedding service's registry; they leave it when the node is closed. Nowhere by default. */
        public Builder meters(MeterRegistry value) {
            this.meters = value;
            return this;
        }

        /** Throws {@code INVALID_REQUEST} naming a configuration key that is wrong. */
        public Node build() {
            return new Node(this);
        }

        boolean enginesOnly() {
            return enginesOnly;
        }

        List<InferenceBackend> backends() {
            return List.copyOf(backends);
        }

        List<WeighedPolicy> policies() {
            return List.copyOf(policies);
        }

        @Nullable SettlementLedger ledger() {
            return ledger;
        }

        Config source() {
            return config;
        }

        Optional<Path> directory() {
            return Optional.ofNullable(dataDirectory);
        }

        Optional<Timers> timers() {
            return Optional.ofNullable(timers);
        }

        Clock clock() {
            return clock;
        }

        SecureRandom random() {
            return random;
        }

        MeterRegistry meters() {
            return meters;
        }

        Progress progress() {
            return progress;
        }
    }
}
