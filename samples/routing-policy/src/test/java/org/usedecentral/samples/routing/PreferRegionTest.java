package org.usedecentral.samples.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.testkit.routing.MadeUpJob;
import org.usedecentral.testkit.routing.MadeUpWorker;
import org.usedecentral.testkit.routing.RoutingPolicyContract;

final class PreferRegionTest implements RoutingPolicyContract {
    @Override
    public RoutingPolicy policy() {
        Config config = Config.just(ConfigSources.create(Map.of("region", "eu")));
        return new PreferRegionProvider().create(config, "near");
    }

    @Override
    public RoutingPolicy anotherPolicy() {
        return policy();
    }

    @Test
    void prefersTheRegion() {
        double[] scores = new double[3];
        MadeUpWorker worker = MadeUpWorker.named("w");
        policy().score(MadeUpJob.ORDINARY, List.of(worker.region("eu"), worker.region("us"), worker), scores);
        assertThat(scores).containsExactly(1, 0, Double.NaN);
    }

    @Test
    void needsARegion() {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> new PreferRegionProvider().create(Config.empty(), "near"))
                .withMessageContaining("region");
    }
}
