package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import java.nio.file.Path;
import java.util.Optional;

/** A node. Plugins are lists beside these keys: {@code backends}, {@code routing-policies}, {@code proof-schemes}; {@code ledger} is one plugin. */
@Prototype.Blueprint
@Prototype.Configured
interface NodeConfigBlueprint {
    /** Identity, ledger, receipts, models; {@code ~/.decentral} where nothing is said. */
    @Option.Configured
    Optional<Path> dataDirectory();

    /** Taking jobs. */
    @Option.Configured
    @Option.DefaultMethod("create")
    OrchestratorConfig orchestrator();

    /** Running jobs. */
    @Option.Configured
    @Option.DefaultMethod("create")
    WorkerConfig worker();

    /** The HTTP edge. */
    @Option.Configured
    @Option.DefaultMethod("create")
    GatewayConfig gateway();
}
