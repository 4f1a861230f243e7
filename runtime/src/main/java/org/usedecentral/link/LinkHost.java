package org.usedecentral.link;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.time.Timers;

/** The orchestrator behind its links. Thread-safe. */
public interface LinkHost {
    /** The key that signs challenges and vouchers. */
    Signer orchestrator();

    LedgerId ledger();

    Timers timers();

    LinkLimits limits();

    /** 32 fresh random bytes. */
    Bytes random();

    /**
     * Checks a worker whose signatures are good: registration, stake, pins. May block.
     *
     * @throws org.usedecentral.spi.DecentralException to refuse the link
     */
    void admit(WorkerAdvert advert, List<SignedOperation> registration);

    /** The link is open; an older one of the same worker is to be closed. */
    void opened(Link link);

    /** Whether an advert's times agree with the clock here. */
    boolean isCurrent(WorkerAdvert advert);

    /** A newer advert has come, its signature and times checked. */
    void advertised(Link link);

    void draining(Link link);

    void measured(Link link, Duration roundTrip);

    /** Why jobs went elsewhere since the last call. */
    Map<String, Long> refusals(Account worker);

    /** Once, only after {@link #opened}. */
    void closed(Link link, String reason);
}
