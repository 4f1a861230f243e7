package org.usedecentral.routing;

import io.helidon.config.Config;
import java.util.Set;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;

/** Makes policy {@code load}. It has nothing to configure. */
public final class LoadPolicyProvider implements RoutingPolicyProvider {
    @Override
    public String configKey() {
        return LoadPolicy.TYPE;
    }

    @Override
    public RoutingPolicy create(Config config, String name) {
        Settings _ = new Settings(config, Set.of());
        return new LoadPolicy(name);
    }
}
