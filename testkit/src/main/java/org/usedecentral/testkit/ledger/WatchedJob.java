package org.usedecentral.testkit.ledger;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Terms;

/** What a schedule has seen happen to a job. Amounts in base units. One thread. */
final class WatchedJob {
    final Terms terms;

    /** What each worker's work cost, before the split. */
    final Map<String, Long> cost = new HashMap<>();

    /** What reached each worker's payout. */
    final Map<String, Long> earned = new HashMap<>();

    /** Workers for whom the orchestrator claimed. */
    final Set<String> claimedFor = new HashSet<>();

    /** What went back to the payer. */
    long returned;

    boolean refunded;

    @Nullable String settled;

    long price;

    WatchedJob(Terms terms) {
        this.terms = terms;
    }

    JobId id() {
        return terms.jobId();
    }

    boolean spenders() {
        return !terms.lockSigner().equals(terms.payer());
    }

    long cost(String worker) {
        return cost.getOrDefault(worker, 0L);
    }

    long earned(String worker) {
        return earned.getOrDefault(worker, 0L);
    }

    long total() {
        return cost.values().stream().mapToLong(Long::longValue).sum();
    }
}
