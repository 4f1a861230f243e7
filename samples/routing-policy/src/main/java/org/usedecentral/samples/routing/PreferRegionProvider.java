package org.usedecentral.samples.routing;

import io.helidon.config.Config;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;

/** Makes policy {@code prefer-region}; key {@code region} says which. */
public final class PreferRegionProvider implements RoutingPolicyProvider {
    static final String TYPE = "prefer-region";

    @Override
    public String configKey() {
        return TYPE;
    }

    @Override
    public RoutingPolicy create(Config config, String name) {
        String region = config.get("region")
                .asString()
                .orElseThrow(() -> DecentralException.invalid("region", "set region, such as eu-west"));
        return new PreferRegion(name, region);
    }
}
