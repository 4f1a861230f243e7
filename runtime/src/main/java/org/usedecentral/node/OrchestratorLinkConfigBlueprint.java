package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import java.net.URI;
import java.util.Optional;

/** An orchestrator to dial. */
@Prototype.Blueprint
@Prototype.Configured
interface OrchestratorLinkConfigBlueprint {
    /** Its link address; {@code wss} outside loopback. */
    @Option.Configured
    @Option.Required
    URI url();

    /** The account that must answer; whichever does by default. */
    @Option.Configured
    Optional<String> account();
}
