package org.usedecentral.routing;

import io.helidon.config.Config;
import java.util.Set;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;

/** Makes policy {@code reputation}. It has nothing to configure. */
public final class ReputationPolicyProvider implements RoutingPolicyProvider {
    @Override
    public String configKey() {
        return ReputationPolicy.TYPE;
    }

    @Override
    public RoutingPolicy create(Config config, String name) {
        Settings _ = new Settings(config, Set.of());
        return new ReputationPolicy(name);
    }
}
