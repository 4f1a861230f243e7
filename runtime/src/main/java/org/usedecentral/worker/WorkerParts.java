package org.usedecentral.worker;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Registration;
import org.usedecentral.time.Timers;

/** What a worker is made of. Everything in it is thread-safe. */
public interface WorkerParts {
    /** The key the worker works with. */
    Signer signer();

    /** Owner and payout; a native worker's owner is its own key. */
    Registration registration();

    SettlementLedger ledger();

    ProofScheme proofScheme();

    List<InferenceBackend> backends();

    Timers timers();

    SecureRandom random();

    /** Where statements and vouchers are kept. */
    Path directory();

    WorkerSettings settings();

    default Bytes random32() {
        byte[] bytes = new byte[32];
        random().nextBytes(bytes);
        return Bytes.of(bytes);
    }
}
