package org.usedecentral.testkit.network;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.InProcessWire;
import org.usedecentral.link.Link;
import org.usedecentral.link.LinkHost;
import org.usedecentral.link.Wire;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.testkit.inference.ScriptedBackend;
import org.usedecentral.time.Timers;
import org.usedecentral.worker.WorkerParts;
import org.usedecentral.worker.WorkerService;
import org.usedecentral.worker.WorkerSettings;

/** One worker of a {@link TestNetwork}: a real worker service on a scripted backend. */
public final class TestWorker implements AutoCloseable {
    private final TestNetwork network;
    private final Ed25519.KeyPair key;
    private final ScriptedBackend backend;
    private final Path directory;
    private final WorkerService service;
    private final LinkFaults faults;
    private final AtomicReference<@Nullable Wire> wire = new AtomicReference<>();

    TestWorker(TestNetwork network, ScriptedBackend backend, Path directory) {
        this.network = network;
        this.key = Ed25519.generate(network.random());
        this.backend = backend;
        this.directory = directory;
        this.faults = new LinkFaults(network.timers());
        this.service = new WorkerService(new Parts());
        service.start();
    }

    public Account account() {
        return key.account();
    }

    /** What it runs: tests write its script. */
    public ScriptedBackend backend() {
        return backend;
    }

    /** What happens to its frames. */
    public LinkFaults faults() {
        return faults;
    }

    public WorkerService service() {
        return service;
    }

    void link(LinkHost orchestrator) {
        InProcessWire.connect(
                out -> {
                    wire.set(out);
                    return service.accept(faults.fromWorker(out), reason -> {});
                },
                out -> faults.linked(out, wire -> Link.accept(orchestrator, wire)));
    }

    /** Breaks the link, as when the worker's process dies. */
    public void kill() {
        faults.freeze();
        Wire current = wire.get();
        if (current != null) {
            current.close("killed by the test");
        }
    }

    @Override
    public void close() {
        service.close();
    }

    private final class Parts implements WorkerParts {
        @Override
        public Signer signer() {
            return key;
        }

        @Override
        public Registration registration() {
            return new Registration(key.account(), key.account(), key.account());
        }

        @Override
        public SettlementLedger ledger() {
            return network.ledger();
        }

        @Override
        public ProofScheme proofScheme() {
            return network.proofScheme();
        }

        @Override
        public List<InferenceBackend> backends() {
            return List.of(backend);
        }

        @Override
        public Timers timers() {
            return network.timers();
        }

        @Override
        public SecureRandom random() {
            return network.random();
        }

        @Override
        public Path directory() {
            return directory;
        }

        @Override
        public WorkerSettings settings() {
            return WorkerSettings.DEFAULT;
        }
    }
}
