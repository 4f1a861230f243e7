package org.usedecentral.routing;

import java.util.List;
import org.usedecentral.spi.routing.RoutingContext;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.WorkerSnapshot;

/**
 * Prefers workers with more to lose, up to a point.
 *
 * <p>With w = stake × lock-tier weight and c = cap × the lower median of all positive w: score = min(w, c) / c. So a worker at the
 * median scores 1 / cap, and beyond cap times the median more stake buys nothing, however much it is: a whale's size does not lower
 * anybody else's score. Without any stake among the candidates there is no opinion.
 */
final class StakePolicy implements RoutingPolicy {
    static final String TYPE = "stake";

    private final String name;
    private final double cap;

    StakePolicy(String name, double cap) {
        this.name = name;
        this.cap = cap;
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
        LowerMedian median = new LowerMedian();
        for (int i = 0; i < candidates.size(); i++) {
            double weighted = weighted(candidates.get(i));
            scores[i] = weighted;
            if (weighted > 0) {
                median.add(weighted);
            }
        }
        double most = median.isEmpty() ? Double.NaN : cap * median.value();
        for (int i = 0; i < candidates.size(); i++) {
            scores[i] = Math.min(scores[i], most) / most;
        }
    }

    private static double weighted(WorkerSnapshot worker) {
        return Math.max(0, worker.stake() * worker.stakeWeight());
    }
}
