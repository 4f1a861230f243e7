package org.usedecentral.worker;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.orchestrator.FakeLedger;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.time.TurnedTimers;

/** A worker's parts on turned time, a ledger that notes what it is told, and no engine. */
record WorkerStage(TurnedTimers timers, FakeLedger ledger, List<InferenceBackend> backends) implements WorkerParts {
    static final Ed25519.KeyPair WORKER = Ed25519.fromSeed(filled(2));
    static final Ed25519.KeyPair OTHER = Ed25519.fromSeed(filled(3));
    static final Ed25519.KeyPair ORCHESTRATOR = Ed25519.fromSeed(filled(1));

    static WorkerStage of(InferenceBackend... backends) {
        TurnedTimers timers = new TurnedTimers();
        return new WorkerStage(timers, new FakeLedger(timers, () -> {}), List.of(backends));
    }

    static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    @Override
    public Signer signer() {
        return WORKER;
    }

    @Override
    public Registration registration() {
        return new Registration(WORKER.account(), WORKER.account(), WORKER.account());
    }

    @Override
    public WorkerSettings settings() {
        return WorkerSettings.DEFAULT;
    }

    @Override
    public ProofScheme proofScheme() {
        throw new AssertionError("nothing is proved");
    }

    @Override
    public SecureRandom random() {
        return new SecureRandom();
    }

    @Override
    public Path directory() {
        throw new AssertionError("nothing is kept");
    }
}
