package org.usedecentral.routing;

import io.helidon.config.Config;
import java.util.Set;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;

/**
 * Makes policy {@code latency}. Key {@code expected-output} (default 256): the tokens a job is expected to give, unless it allows
 * fewer; 1 … 1,000,000.
 */
public final class LatencyPolicyProvider implements RoutingPolicyProvider {
    @Override
    public String configKey() {
        return LatencyPolicy.TYPE;
    }

    @Override
    public RoutingPolicy create(Config config, String name) {
        Settings settings = new Settings(config, Set.of("expected-output"));
        return new LatencyPolicy(name, settings.number("expected-output", 256, 1, 1_000_000));
    }
}
