package org.usedecentral.routing;

import io.helidon.config.Config;
import java.util.Set;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;

/** Makes policy {@code stake}. Key {@code cap} (default 4): how many times the median stake counts in full; 1 … 1,000. */
public final class StakePolicyProvider implements RoutingPolicyProvider {
    @Override
    public String configKey() {
        return StakePolicy.TYPE;
    }

    @Override
    public RoutingPolicy create(Config config, String name) {
        Settings settings = new Settings(config, Set.of("cap"));
        return new StakePolicy(name, settings.number("cap", 4, 1, 1_000));
    }
}
