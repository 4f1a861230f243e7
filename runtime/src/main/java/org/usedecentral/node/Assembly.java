package org.usedecentral.node;

import io.helidon.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.usedecentral.engine.EngineLimits;
import org.usedecentral.engine.EngineParts;
import org.usedecentral.engine.EngineProcess;
import org.usedecentral.gateway.ApiKeys;
import org.usedecentral.gateway.GatewayLimits;
import org.usedecentral.link.InProcessWire;
import org.usedecentral.link.Link;
import org.usedecentral.link.NodeParts;
import org.usedecentral.measure.SelfTest;
import org.usedecentral.measure.SpeedFile;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.SharedCache;
import org.usedecentral.orchestrator.Orchestrator;
import org.usedecentral.orchestrator.Parts;
import org.usedecentral.orchestrator.Settings;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.time.SystemTimers;
import org.usedecentral.time.Timers;
import org.usedecentral.worker.Offer;
import org.usedecentral.worker.WorkerParts;
import org.usedecentral.worker.WorkerService;
import org.usedecentral.worker.WorkerSettings;

/** A started node's parts, in the order they were started. */
final class Assembly {
    private static final Logger LOG = System.getLogger(Assembly.class.getName());
    private static final long LINK_LIMIT_SECONDS = 10;
    private static final Duration RELINK = Duration.ofSeconds(1);

    private final Node.Builder builder;
    private final NodeConfig config;
    private final Path directory;
    private final NodeKeys keys;
    private final Timers timers;
    private final NodePlugins plugins;
    private final ApiKeys apiKeys;
    private final SelfTest.Extent selfTest;
    private @Nullable Orchestrator orchestrator;
    private volatile @Nullable WorkerService worker;
    private volatile boolean closing;

    private Assembly(Node.Builder builder, NodeConfig config, Deque<AutoCloseable> running) {
        this.builder = builder;
        this.config = config;
        this.selfTest = NodeSettings.selfTest(config.worker());
        this.directory = directory(builder, config);
        this.keys = NodeKeys.open(directory, builder.random());
        this.timers = builder.timers().orElseGet(() -> systemTimers(builder, running));
        this.plugins = NodePlugins.create(
                builder.source(),
                builder,
                new EngineParts(timers, builder.random(), directory, EngineLimits.DEFAULT, this::offerChanged));
        this.apiKeys = ApiKeys.in(directory, builder.clock(), builder.random());
    }

    /** Starts everything; what has to be closed is pushed on {@code running} as it is started. */
    static Assembly start(Node.Builder builder, NodeConfig config, Deque<AutoCloseable> running)
            throws InterruptedException {
        Assembly assembly = new Assembly(builder, config, running);
        if (builder.enginesOnly() || config.worker().enabled()) {
            assembly.launchEngines(running);
        }
        if (builder.enginesOnly()) {
            assembly.startBackends(assembly.shared(), running);
            return assembly;
        }
        assembly.startPlugins(running);
        if (config.orchestrator().enabled()) {
            assembly.startOrchestrator(running);
        }
        if (config.worker().enabled() && !assembly.plugins.backends().isEmpty()) {
            assembly.startWorker(running);
        }
        return assembly;
    }

    private static Path directory(Node.Builder builder, NodeConfig config) {
        Path directory = builder.directory()
                .or(config::dataDirectory)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".decentral"));
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "data directory " + directory + " cannot be made: " + e, e);
        }
        return directory.toAbsolutePath().normalize();
    }

    private static Timers systemTimers(Node.Builder builder, Deque<AutoCloseable> running) {
        SystemTimers timers = new SystemTimers(builder.clock());
        running.push(timers);
        return timers;
    }

    private NodeContext.Shared shared() {
        Config catalogueConfig = builder.source().get("catalogue");
        ArtifactStore artifacts =
                ArtifactStore.open(catalogueConfig, directory, SharedCache.locate(), builder.progress());
        return new NodeContext.Shared(builder.clock(), directory, keys.node(), artifacts, plugins.proofSchemes());
    }

    private void startPlugins(Deque<AutoCloseable> running) throws InterruptedException {
        NodeContext.Shared shared = shared();
        for (ProofScheme scheme : plugins.proofSchemes()) {
            start(scheme, new NodeContext(shared, false), running);
        }
        start(plugins.ledger(), new NodeContext(shared, true), running);
        for (Parts.WeighedPolicy weighed : plugins.policies()) {
            start(weighed.policy(), new NodeContext(shared, false), running);
        }
        if (config.worker().enabled()) {
            startBackends(shared, running);
        }
    }

    private void startBackends(NodeContext.Shared shared, Deque<AutoCloseable> running) throws InterruptedException {
        for (InferenceBackend backend : plugins.backends()) {
            start(backend, new NodeContext(shared, false), running);
        }
        plugins.engines().load(config.worker().models(), shared.artifacts());
        PricedWeights.check(
                config.worker().modelPrices(),
                plugins.backends().stream()
                        .flatMap(backend -> backend.models().stream())
                        .toList());
    }

    /** Their processes start while everything else does. */
    private void launchEngines(Deque<AutoCloseable> running) {
        for (EngineProcess engine : plugins.engines().hosted()) {
            running.push(engine);
            engine.launch();
        }
    }

    /** An engine went or came back: orchestrators are told now, not with the next advert. */
    private void offerChanged() {
        WorkerService told = worker;
        if (told != null) {
            told.offerChanged();
        }
    }

    private static void start(Plugin plugin, NodeContext context, Deque<AutoCloseable> running) {
        // An engine whose process was launched is there already, and is closed once.
        if (!running.contains(plugin)) {
            running.push(plugin);
        }
        NodePlugins.start(plugin, context);
    }

    private void startOrchestrator(Deque<AutoCloseable> running) {
        Orchestrator started = new Orchestrator(new OrchestratorParts());
        running.push(started);
        started.start();
        orchestrator = started;
    }

    private void startWorker(Deque<AutoCloseable> running) throws InterruptedException {
        WorkerService started = new WorkerService(new OwnWorkerParts(testedOffer()));
        running.push(started);
        // Closed before the worker is: its links end then, and are not to be made anew.
        running.push(() -> closing = true);
        started.start();
        worker = started;
        for (OrchestratorLinkConfig link : config.worker().orchestrators()) {
            started.dial(requireSafe(link.url()), link.account().map(Account::parse));
        }
        if (orchestrator != null) {
            linkInProcess(orchestrator, started);
            awaitLink(orchestrator);
        }
    }

    private Offer testedOffer() throws InterruptedException {
        SelfTest test = new SelfTest(
                selfTest, SpeedFile.in(directory, builder.clock()), SelfTest.Limits.DEFAULT, System::nanoTime);
        return Offer.test(plugins.backends(), test);
    }

    private void linkInProcess(Orchestrator to, WorkerService from) {
        InProcessWire.connect(
                wire -> from.accept(wire, reason -> {
                    if (!closing && !from.draining()) {
                        LOG.log(Level.WARNING, "the link inside this node is made anew: {0}", reason);
                        timers.after(RELINK, () -> linkInProcess(to, from));
                    }
                }),
                wire -> Link.accept(to.links(), wire));
    }

    private static void awaitLink(Orchestrator orchestrator) throws InterruptedException {
        try {
            orchestrator.firstLink().get(LINK_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new DecentralException(
                    ErrorCode.INTERNAL, "this node's worker was not linked within " + LINK_LIMIT_SECONDS + " s", e);
        }
    }

    /** Plain WebSocket only to this machine. */
    private static URI requireSafe(URI url) {
        boolean loopback = List.of("127.0.0.1", "localhost", "[::1]").contains(String.valueOf(url.getHost()));
        if (!"wss".equals(url.getScheme()) && !("ws".equals(url.getScheme()) && loopback)) {
            throw DecentralException.invalid(
                    "worker.orchestrators", url + ": a link needs wss:// outside this machine, ws:// on it");
        }
        return url;
    }

    Path directory() {
        return directory;
    }

    NodeKeys keys() {
        return keys;
    }

    NodePlugins plugins() {
        return plugins;
    }

    Timers timers() {
        return timers;
    }

    SecureRandom random() {
        return builder.random();
    }

    ApiKeys apiKeys() {
        return apiKeys;
    }

    GatewayLimits gatewayLimits() {
        GatewayLimits limits = GatewayLimits.DEFAULT;
        return new GatewayLimits(
                limits.bodyBytes(),
                config.gateway().jobsPerKey(),
                limits.bodyTime(),
                limits.pingInterval(),
                limits.writeTime());
    }

    Optional<Orchestrator> orchestrator() {
        return Optional.ofNullable(orchestrator);
    }

    Optional<WorkerService> worker() {
        return Optional.ofNullable(worker);
    }

    /** What orchestrator and worker of a node have in common. */
    private class SharedParts implements NodeParts {
        @Override
        public SettlementLedger ledger() {
            return plugins.ledger();
        }

        @Override
        public ProofScheme proofScheme() {
            return plugins.proofSchemes().getFirst();
        }

        @Override
        public Timers timers() {
            return timers;
        }

        @Override
        public SecureRandom random() {
            return builder.random();
        }

        @Override
        public Path directory() {
            return directory;
        }
    }

    /** The node's parts as its orchestrator sees them. */
    private final class OrchestratorParts extends SharedParts implements Parts {
        private final Settings settings = NodeSettings.orchestrator(config.orchestrator());

        @Override
        public Signer signer() {
            return keys.node();
        }

        @Override
        public Signer spender() {
            return keys.spender();
        }

        @Override
        public List<WeighedPolicy> policies() {
            return plugins.policies();
        }

        @Override
        public Settings settings() {
            return settings;
        }

        @Override
        public MeterRegistry meters() {
            return builder.meters();
        }
    }

    /** The node's parts as its worker sees them. */
    private final class OwnWorkerParts extends SharedParts implements WorkerParts {
        private final WorkerSettings settings = NodeSettings.worker(config.worker());
        private final Offer offer;

        OwnWorkerParts(Offer offer) {
            this.offer = offer;
        }

        @Override
        public Offer offer() {
            return offer;
        }

        @Override
        public Signer signer() {
            return keys.worker();
        }

        @Override
        public Registration registration() {
            Account me = keys.worker().account();
            return new Registration(
                    me, me, config.worker().payout().map(Account::parse).orElse(me));
        }

        @Override
        public List<InferenceBackend> backends() {
            return plugins.backends();
        }

        @Override
        public WorkerSettings settings() {
            return settings;
        }
    }
}
