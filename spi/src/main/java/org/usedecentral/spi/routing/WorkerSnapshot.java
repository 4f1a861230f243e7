package org.usedecentral.spi.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.protocol.TokenPrices;

/** A worker as this orchestrator sees it now. Made by the runtime; grows by accessors. Immutable. */
public interface WorkerSnapshot {
    Account account();

    /** The model the job asks for, as this worker hosts it. */
    ModelCard model();

    TokenPrices prices();

    List<Device> devices();

    /** Where it says it is; null when it does not say. */
    @Nullable String region();

    /** Active stake in base units of the stake token. */
    long stake();

    /** Multiplies the stake by its lock tier: 1.00 … 2.00. */
    double stakeWeight();

    /** 0 … 10,000, from the ledger. */
    int reputation();

    int slots();

    int running();

    int waiting();

    /** Measured by this node; zero before the first measurement. */
    Duration roundTrip();

    /** Tokens a second, measured by this node and seeded by the worker's claim; 0 when unknown. */
    double prefillSpeed();

    /** Tokens a second of one stream, likewise. */
    double decodeSpeed();

    Instant lastSeen();
}
