package org.usedecentral.node;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/** The HTTP edge. */
@Prototype.Blueprint
@Prototype.Configured
interface GatewayConfigBlueprint {
    /** The address it binds; loopback unless somebody says otherwise. */
    @Option.Configured
    @Option.Default("127.0.0.1")
    String host();

    /** The port; 0: a free one. */
    @Option.Configured
    @Option.DefaultInt(8080)
    int port();

    /** Jobs one key may run at once. */
    @Option.Configured
    @Option.DefaultInt(16)
    int jobsPerKey();
}
