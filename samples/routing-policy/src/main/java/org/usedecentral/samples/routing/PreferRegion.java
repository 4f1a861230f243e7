package org.usedecentral.samples.routing;

import java.util.List;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;

/** Scores 1 for workers in the region, 0 for others, and has no opinion about those that do not say where they are. */
final class PreferRegion implements RoutingPolicy {
    private final String name;
    private final String region;

    PreferRegion(String name, String region) {
        this.name = name;
        this.region = region;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return PreferRegionProvider.TYPE;
    }

    @Override
    public void score(RoutingContext job, List<WorkerSnapshot> candidates, double[] scores) {
        for (int i = 0; i < candidates.size(); i++) {
            String where = candidates.get(i).region();
            scores[i] = where == null ? Double.NaN : region.equals(where) ? 1 : 0;
        }
    }
}
