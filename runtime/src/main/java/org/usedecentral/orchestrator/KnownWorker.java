package org.usedecentral.orchestrator;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.Link;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.ledger.WorkerAccount;

/** What this orchestrator knows of one linked worker. Thread-safe. */
final class KnownWorker {
    private static final double NEW_SAMPLE = 0.2;
    private static final int MAX_REASONS = 64;

    private final Suspensions suspensions;
    private final Map<String, Long> refusals = new HashMap<>();
    private Link link;
    private WorkerAccount standing;
    private boolean draining;
    private double roundTripNanos;
    private double prefill;
    private double decode;
    private Instant lastSeen;
    private Bytes sessionKey;

    KnownWorker(Suspensions suspensions, Link link, WorkerAccount standing, Instant now) {
        this.suspensions = suspensions;
        this.link = link;
        this.standing = standing;
        this.lastSeen = now;
        this.sessionKey = link.offer().advert().sessionKey();
    }

    /** Whether the session key is another than the last one asked about, which happens once an hour. */
    synchronized boolean isRekeyed(Bytes key) {
        boolean rekeyed = !key.equals(sessionKey);
        sessionKey = key;
        return rekeyed;
    }

    synchronized Link link() {
        return link;
    }

    /** A newer link replaces the old one, which is returned to be closed; measurements stay. */
    synchronized Link relink(Link newer, WorkerAccount seen, Instant now) {
        Link older = link;
        link = newer;
        standing = seen;
        draining = false;
        lastSeen = now;
        return older;
    }

    synchronized void seen(Instant now) {
        lastSeen = now;
    }

    synchronized void standing(WorkerAccount seen) {
        standing = seen;
    }

    synchronized void drain() {
        draining = true;
    }

    synchronized void roundTrip(Duration measured) {
        roundTripNanos = mean(roundTripNanos, (double) measured.toNanos());
    }

    /** A job ended well: its speeds count, and the worker is trusted again. */
    synchronized void speeds(double prefillSpeed, double decodeSpeed) {
        prefill = prefillSpeed > 0 ? mean(prefill, prefillSpeed) : prefill;
        decode = decodeSpeed > 0 ? mean(decode, decodeSpeed) : decode;
        suspensions.end(link.worker());
    }

    synchronized void refused(String reason) {
        if (refusals.size() < MAX_REASONS || refusals.containsKey(reason)) {
            refusals.merge(reason, 1L, Long::sum);
        }
    }

    synchronized Map<String, Long> takeRefusals() {
        Map<String, Long> taken = Map.copyOf(refusals);
        refusals.clear();
        return taken;
    }

    synchronized Optional<Candidate> candidate(ModelId model, Instant now) {
        Link.Offer offer = link.offer();
        Optional<WorkerAdvert.Hosted> hosted = offer.advert().model(model);
        if (hosted.isEmpty()) {
            return Optional.empty();
        }
        WorkerAdvert.Speed claimed = offer.advert().engine().speed();
        Candidate.Measured measured = new Candidate.Measured(
                Duration.ofNanos((long) roundTripNanos),
                prefill > 0 ? prefill : claimed.prefill(),
                decode > 0 ? decode : claimed.decode(),
                lastSeen,
                unavailable(offer, now));
        return Optional.of(new Candidate(link, offer, hosted.get(), standing, measured));
    }

    private @Nullable String unavailable(Link.Offer offer, Instant now) {
        if (draining) {
            return "draining";
        }
        if (standing.retired()) {
            return "retired";
        }
        if (suspensions.contain(link.worker(), now)) {
            return "suspended";
        }
        return now.toEpochMilli() > offer.advert().validity().expires() ? "stale-advert" : null;
    }

    private static double mean(double old, double sample) {
        return old == 0 ? sample : old + NEW_SAMPLE * (sample - old);
    }
}
