package org.usedecentral.routing;

import java.util.List;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;

/** Prefers workers that the ledger knows as good: score = reputation / 10,000. A new worker has 0.5. */
final class ReputationPolicy implements RoutingPolicy {
    static final String TYPE = "reputation";
    private static final double BEST = 10_000;

    private final String name;

    ReputationPolicy(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores) {
        for (int i = 0; i < candidates.size(); i++) {
            scores[i] = Math.clamp(candidates.get(i).reputation() / BEST, 0, 1);
        }
    }
}
