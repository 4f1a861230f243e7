package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import java.time.Duration;
import java.util.List;

/** Taking jobs: how long is waited, what may be charged. */
@Prototype.Blueprint
@Prototype.Configured
interface OrchestratorConfigBlueprint {
    /** Whether this node takes jobs. */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean enabled();

    /** How long an attempt may take to its first token before another worker is tried. */
    @Option.Configured
    @Option.Default("PT8S")
    Duration startTimeout();

    /** How long a worker may pause in the middle of its output. */
    @Option.Configured
    @Option.Default("PT20S")
    Duration stallTimeout();

    /** After how long a client is told 200 although no token has come. */
    @Option.Configured
    @Option.Default("PT2S")
    Duration commitTimeout();

    /** From lock to refund; 30 s to an hour. */
    @Option.Configured
    @Option.Default("PT2M")
    Duration jobTimeout();

    /** Jobs that run at once. */
    @Option.Configured
    @Option.DefaultInt(4096)
    int maxJobs();

    /** Output tokens of a request that does not say how many. */
    @Option.Configured
    @Option.DefaultInt(1024)
    int defaultOutputTokens();

    /** The most a million input tokens may cost, base units (1e-6 USDC), for models without an entry of their own. */
    @Option.Configured
    @Option.DefaultLong(1_000_000)
    long inputCeiling();

    /** The most a million output tokens may cost, likewise. */
    @Option.Configured
    @Option.DefaultLong(3_000_000)
    long outputCeiling();

    /** Ceiling prices of single models. */
    @Option.Configured
    @Option.Singular
    List<ModelPriceConfig> modelCeilings();
}
