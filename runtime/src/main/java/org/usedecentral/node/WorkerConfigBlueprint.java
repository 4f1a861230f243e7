package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Running jobs: whom the worker is linked to, what it hosts and charges. */
@Prototype.Blueprint
@Prototype.Configured
interface WorkerConfigBlueprint {
    /** Whether this node runs jobs. */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean enabled();

    /** Orchestrators to dial beside this node's own, such as {@code ws://127.0.0.1:8080/v1/workers/link}. */
    @Option.Configured
    @Option.Singular
    List<OrchestratorLinkConfig> orchestrators();

    /** Models of the catalogue to fetch and load, by id. */
    @Option.Configured
    @Option.Singular
    List<String> models();

    /** The account that earnings go to; the worker's own by default. */
    @Option.Configured
    Optional<String> payout();

    /** Where the worker is, such as {@code eu-west}; not said by default. */
    @Option.Configured
    @Option.Default("")
    String region();

    /**
     * What each model must do before it is offered: {@code quick} generates a few tokens and measures speeds that are not known yet, {@code full} measures them
     * at each start, {@code off} trusts.
     */
    @Option.Configured
    @Option.Default("quick")
    String selfTest();

    /** What a million input tokens cost, base units (1e-6 USDC), for models without an entry of their own. */
    @Option.Configured
    @Option.DefaultLong(1_000_000)
    long inputPrice();

    /** What a million output tokens cost, likewise. */
    @Option.Configured
    @Option.DefaultLong(3_000_000)
    long outputPrice();

    /** Prices of single models. */
    @Option.Configured
    @Option.Singular
    List<ModelPriceConfig> modelPrices();

    /** How long a node that is stopped lets the jobs finish that run. */
    @Option.Configured
    @Option.Default("PT30S")
    Duration drainTimeout();
}
