package org.usedecentral.orchestrator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.routing.Refusal;
import org.usedecentral.spi.routing.WorkerSnapshot;

/** Refuses, scores and picks. Thread-safe; a decision is explained by what is returned with it. */
final class Router {
    private static final int SAMPLE = 256;
    private static final int BEST = 4;

    private final Parts parts;

    Router(Parts parts) {
        this.parts = parts;
    }

    /**
     * How a job was routed.
     *
     * @param worker the one picked; empty when all were refused
     * @param refusals why each other one was not
     * @param scores of those that were scored
     */
    record Decision(Optional<Candidate> worker, Map<Account, String> refusals, Map<Account, Double> scores) {
        /** The reasons, each with how often, for a person. */
        String summary() {
            Map<String, Integer> counts = new LinkedHashMap<>();
            refusals.values().forEach(reason -> counts.merge(reason, 1, Integer::sum));
            return counts.isEmpty() ? "no worker hosts it" : counts.toString();
        }
    }

    /** Whom {@code job} may go to now, and why not the others. */
    Decision pick(Routing job, List<Candidate> candidates) {
        Map<Account, String> refusals = new LinkedHashMap<>();
        List<Candidate> fit = new ArrayList<>();
        for (Candidate candidate : candidates) {
            String reason = refusal(job, candidate);
            if (reason == null) {
                fit.add(candidate);
            } else {
                refusals.put(candidate.account(), reason);
            }
        }
        if (fit.isEmpty()) {
            return new Decision(Optional.empty(), refusals, Map.of());
        }
        if (fit.size() > SAMPLE) {
            Collections.shuffle(fit, parts.random());
            fit = fit.subList(0, SAMPLE);
        }
        double[] scores = scores(job, fit);
        Map<Account, Double> explained = new LinkedHashMap<>();
        for (int i = 0; i < scores.length; i++) {
            explained.put(fit.get(i).account(), scores[i]);
        }
        return new Decision(Optional.of(draw(fit, scores)), refusals, explained);
    }

    private @Nullable String refusal(Routing job, Candidate worker) {
        if (job.excluded().contains(worker.account())) {
            return "tried-already";
        }
        String unavailable = worker.measured().unavailable();
        if (unavailable != null) {
            return unavailable;
        }
        if (!worker.prices().within(job.ceiling())) {
            return "price-above-ceiling";
        }
        if (!worker.model().features().containsAll(job.request().features())) {
            return "feature-missing";
        }
        if (worker.model().limits().maxOutputTokens() < job.bound().maxOutputTokens()) {
            return "context-too-small";
        }
        if (worker.running() >= worker.slots()) {
            return "full";
        }
        double seconds = worker.decodeSpeed() > 0 ? 1 / worker.decodeSpeed() : 0;
        if (seconds > job.timeLeft().toSeconds()) {
            return "too-slow";
        }
        for (Parts.WeighedPolicy weighed : parts.policies()) {
            Refusal refusal = weighed.policy().refuse(job, worker);
            if (refusal != null) {
                return refusal.reason();
            }
        }
        return null;
    }

    /** The weighted mean of the policies' scores; a policy without opinion does not count for that worker. */
    private double[] scores(Routing job, List<Candidate> workers) {
        double[] sums = new double[workers.size()];
        double[] weights = new double[workers.size()];
        double[] scores = new double[workers.size()];
        List<WorkerSnapshot> snapshots = List.copyOf(workers);
        for (Parts.WeighedPolicy weighed : parts.policies()) {
            Arrays.fill(scores, Double.NaN);
            weighed.policy().score(job, snapshots, scores);
            for (int i = 0; i < scores.length; i++) {
                if (!Double.isNaN(scores[i])) {
                    sums[i] += weighed.weight() * Math.clamp(scores[i], 0, 1);
                    weights[i] += weighed.weight();
                }
            }
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = weights[i] == 0 ? 0.5 : sums[i] / weights[i];
        }
        return sums;
    }

    /** One of the best few, more likely the better it is, so that orchestrators with the same view do not stampede. */
    private Candidate draw(List<Candidate> workers, double[] scores) {
        List<Integer> best = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            best.add(i);
        }
        best.sort((a, b) -> Double.compare(scores[b], scores[a]));
        List<Integer> few = best.subList(0, Math.min(BEST, best.size()));
        double total = 0;
        for (int i : few) {
            total += weight(scores[i]);
        }
        double ticket = parts.random().nextDouble() * total;
        for (int i : few) {
            ticket -= weight(scores[i]);
            if (ticket < 0) {
                return workers.get(i);
            }
        }
        return workers.get(few.getFirst());
    }

    /** Squared, so that a clearly better worker is clearly preferred; never zero. */
    private static double weight(double score) {
        return score * score + 1e-3;
    }
}
