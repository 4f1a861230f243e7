package org.usedecentral.routing;

import java.util.List;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;

/** Prefers idle workers: score = the free share of slots, 1 − (running + waiting) / slots, and 0 when there is none. */
final class LoadPolicy implements RoutingPolicy {
    static final String TYPE = "load";

    private final String name;

    LoadPolicy(String name) {
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
            WorkerSnapshot worker = candidates.get(i);
            double busy = Math.max(0, (double) worker.running()) + Math.max(0, (double) worker.waiting());
            scores[i] = worker.slots() > 0 ? Math.max(0, 1 - busy / worker.slots()) : 0;
        }
    }
}
