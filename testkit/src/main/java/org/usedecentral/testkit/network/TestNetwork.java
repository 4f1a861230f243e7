package org.usedecentral.testkit.network;

import io.helidon.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.orchestrator.Orchestrator;
import org.usedecentral.orchestrator.Parts;
import org.usedecentral.orchestrator.Settings;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.ledger.CreditAccounts;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofSchemeProvider;
import org.usedecentral.spi.protocol.ApprovalTerms;
import org.usedecentral.spi.protocol.PayerMessage;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.testkit.TurnableClock;
import org.usedecentral.testkit.inference.ScriptedBackend;
import org.usedecentral.testkit.ledger.InMemoryLedger;
import org.usedecentral.testkit.ledger.LedgerContext;

/**
 * An orchestrator and workers in one JVM, real but for the backends, the ledger's storage and time: links, sealing, proofs and settlement are those of any
 * network. The proof scheme is the one on the class path.
 */
public final class TestNetwork implements AutoCloseable {
    /** What every worker hosts. */
    public static final ModelId MODEL = new ModelId("scripted");

    /** What the payer starts with, base units. */
    public static final long CREDIT = 10_000_000;

    private static final Duration STEP = Duration.ofSeconds(1);

    private final SecureRandom random = new SecureRandom();
    private final TurnableClock timers = new TurnableClock();
    private final Ed25519.KeyPair node = Ed25519.generate(random);
    private final Ed25519.KeyPair spender = Ed25519.generate(random);
    private final Ed25519.KeyPair payer = Ed25519.generate(random);
    private final ProofScheme scheme = scheme();
    private final InMemoryLedger ledger;
    private final Path directory;
    private final Settings settings;
    private final List<Parts.WeighedPolicy> policies;
    private final List<TestWorker> workers = new ArrayList<>();
    private Orchestrator orchestrator;

    private TestNetwork(Settings settings, List<Parts.WeighedPolicy> policies) {
        this.settings = settings;
        this.policies = List.copyOf(policies);
        try {
            this.directory = Files.createTempDirectory("decentral-network");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.ledger = new InMemoryLedger(InMemoryLedger.Setup.of(node.account()));
        ledger.start(new LedgerContext(timers.clock(), directory, scheme, node));
        fund();
        this.orchestrator = startOrchestrator();
    }

    /** A network of so many workers with four slots each, with the default time limits. */
    public static TestNetwork of(int workers) {
        return of(workers, Settings.DEFAULT, List.of());
    }

    public static TestNetwork of(int workers, Settings settings, List<Parts.WeighedPolicy> policies) {
        TestNetwork network = new TestNetwork(settings, policies);
        for (int i = 0; i < workers; i++) {
            network.addWorker(4);
        }
        return network;
    }

    private static ProofScheme scheme() {
        ProofSchemeProvider provider = ServiceLoader.load(ProofSchemeProvider.class)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a proof scheme must be on the test's class path"));
        return provider.create(Config.empty(), provider.configKey());
    }

    private void fund() {
        CreditAccounts credits = ledger.credits();
        credits.deposit(
                WriteId.derived("test-credit", payer.account().key()),
                node,
                new CreditAccounts.Deposit(payer.account(), CREDIT, "test"));
        ApprovalTerms terms = new ApprovalTerms(
                spender.account(),
                Account.NONE,
                new ApprovalTerms.Caps(CREDIT, CREDIT),
                timers.clock().instant().plus(Duration.ofDays(1)),
                true);
        PayerMessage message = PayerMessage.approve(
                new PayerMessage.Origin(ledger.id(), payer.account()),
                1,
                timers.clock().instant().plusSeconds(60),
                terms);
        credits.approve(SignedMessage.of(message, payer));
    }

    private Orchestrator startOrchestrator() {
        Orchestrator started = new Orchestrator(new OrchestratorParts());
        started.start();
        return started;
    }

    /** Adds a worker and links it. */
    public TestWorker addWorker(int slots) {
        ScriptedBackend backend = ScriptedBackend.builder()
                .model(ScriptedBackend.card(MODEL.value(), Feature.GENERATE))
                .slots(slots)
                .build();
        TestWorker worker = new TestWorker(this, backend, directory.resolve("worker-" + workers.size()));
        workers.add(worker);
        link(worker);
        return worker;
    }

    private void link(TestWorker worker) {
        worker.link(orchestrator.links());
        Await.until(worker.faults()::isAnswered, "the worker is linked");
    }

    /** Stops the orchestrator as a crash does not, and starts it anew on the same files; workers link again. */
    public void restartOrchestrator() {
        orchestrator.close();
        orchestrator = startOrchestrator();
        workers.forEach(this::link);
    }

    public Jobs jobs() {
        return orchestrator;
    }

    public Orchestrator orchestrator() {
        return orchestrator;
    }

    public TestWorker worker(int index) {
        return workers.get(index);
    }

    public InMemoryLedger ledger() {
        return ledger;
    }

    public TurnableClock timers() {
        return timers;
    }

    /** Turns time on, second by second, letting links answer their heartbeats in between: a jump would look like a dead link. */
    public void advance(Duration duration) {
        Duration left = duration;
        while (left.isPositive()) {
            Duration step = left.compareTo(STEP) < 0 ? left : STEP;
            timers.advance(step);
            left = left.minus(step);
            Await.until(
                    () -> workers.stream().allMatch(worker -> worker.faults().isQuiet()),
                    "heartbeats are answered and adverts fresh");
        }
    }

    /** Turns time on until {@code condition} holds, ten minutes at most. */
    public void advanceUntil(BooleanSupplier condition, String what) {
        for (int i = 0; i < 600 && !condition.getAsBoolean(); i++) {
            advance(STEP);
        }
        Await.until(condition, what);
    }

    public ProofScheme proofScheme() {
        return scheme;
    }

    public Account payer() {
        return payer.account();
    }

    /** The account that takes jobs. */
    public Account node() {
        return node.account();
    }

    SecureRandom random() {
        return random;
    }

    /** A request for a few words. */
    public static GenerationRequest request(String prompt) {
        return GenerationRequest.builder(MODEL, List.of(Message.of(Message.Role.USER, prompt)))
                .maxOutputTokens(200)
                .build();
    }

    /** Stops everything and removes its files. */
    @Override
    public void close() {
        workers.forEach(TestWorker::close);
        orchestrator.close();
        ledger.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(TestNetwork::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class OrchestratorParts implements Parts {
        @Override
        public MeterRegistry meters() {
            return new CompositeMeterRegistry();
        }

        @Override
        public Signer signer() {
            return node;
        }

        @Override
        public Signer spender() {
            return spender;
        }

        @Override
        public SettlementLedger ledger() {
            return ledger;
        }

        @Override
        public ProofScheme proofScheme() {
            return scheme;
        }

        @Override
        public List<WeighedPolicy> policies() {
            return policies;
        }

        @Override
        public TurnableClock timers() {
            return timers;
        }

        @Override
        public SecureRandom random() {
            return random;
        }

        @Override
        public Path directory() {
            return directory.resolve("orchestrator");
        }

        @Override
        public Settings settings() {
            return settings;
        }
    }
}
