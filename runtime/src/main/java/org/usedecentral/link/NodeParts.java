package org.usedecentral.link;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.time.Timers;

/** What both ends of a link, orchestrator and worker, are given. Everything in it is thread-safe. */
public interface NodeParts {
    SettlementLedger ledger();

    ProofScheme proofScheme();

    Timers timers();

    SecureRandom random();

    /** Where each end keeps what it must not forget. */
    Path directory();

    /** Fresh random bytes. */
    default Bytes random32() {
        byte[] bytes = new byte[32];
        random().nextBytes(bytes);
        return Bytes.of(bytes);
    }
}
