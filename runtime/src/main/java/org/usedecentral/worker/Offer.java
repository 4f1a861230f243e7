package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.measure.SelfTest;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;

/** Which models a worker offers, after they were tested, and how fast they are. A model that was not tested is offered. Immutable. */
public final class Offer {
    /** Everything, at speeds that nobody measured. */
    public static final Offer UNTESTED = new Offer(new IdentityHashMap<>());

    private static final Logger LOG = System.getLogger(Offer.class.getName());

    /** By the backend itself: two of them may have the same name. */
    private final IdentityHashMap<InferenceBackend, Map<ModelId, SelfTest.Outcome>> tested;

    private Offer(IdentityHashMap<InferenceBackend, Map<ModelId, SelfTest.Outcome>> tested) {
        this.tested = tested;
    }

    /** Tests every model of started backends, one after the other; one that fails is left out, and the log says why. */
    public static Offer test(List<InferenceBackend> backends, SelfTest test) throws InterruptedException {
        IdentityHashMap<InferenceBackend, Map<ModelId, SelfTest.Outcome>> tested = new IdentityHashMap<>();
        for (InferenceBackend backend : backends) {
            List<SelfTest.Outcome> outcomes = test.test(backend);
            outcomes.forEach(outcome -> log(backend, outcome));
            tested.put(
                    backend,
                    outcomes.stream()
                            .collect(Collectors.toMap(
                                    SelfTest.Outcome::model, outcome -> outcome, (one, other) -> one)));
        }
        return new Offer(tested);
    }

    private static void log(InferenceBackend backend, SelfTest.Outcome outcome) {
        if (!outcome.failure().isEmpty()) {
            LOG.log(
                    Level.ERROR,
                    "model {0} of backend {1} is not offered, its self-test failed: {2}",
                    outcome.model(),
                    backend.name(),
                    outcome.failure());
        } else if (outcome.speed().isKnown()) {
            LOG.log(
                    Level.INFO,
                    "model {0} of backend {1}: prefill {2} tokens/s, decode {3} tokens/s",
                    outcome.model(),
                    backend.name(),
                    Math.round(outcome.speed().prefill()),
                    Math.round(outcome.speed().decode()));
        }
    }

    /** Whether jobs for that model may go to that backend. */
    boolean includes(InferenceBackend backend, ModelId model) {
        SelfTest.Outcome outcome = tested.getOrDefault(backend, Map.of()).get(model);
        return outcome == null || outcome.failure().isEmpty();
    }

    /** The slowest offered model's, since an advert has one speed for all: it promises too little rather than too much. */
    WorkerAdvert.Speed speed() {
        double prefill = Double.POSITIVE_INFINITY;
        double decode = Double.POSITIVE_INFINITY;
        for (Map<ModelId, SelfTest.Outcome> models : tested.values()) {
            for (SelfTest.Outcome outcome : models.values()) {
                if (outcome.failure().isEmpty() && outcome.speed().isKnown()) {
                    prefill = Math.min(prefill, outcome.speed().prefill());
                    decode = Math.min(decode, outcome.speed().decode());
                }
            }
        }
        return Double.isInfinite(decode) ? new WorkerAdvert.Speed(0, 0) : new WorkerAdvert.Speed(prefill, decode);
    }

    /** Models that are not offered, with the reason. */
    public Map<String, String> failures() {
        Map<String, String> failures = new TreeMap<>();
        tested.values().stream()
                .flatMap(models -> models.values().stream())
                .filter(outcome -> !outcome.failure().isEmpty())
                .forEach(outcome -> failures.put(outcome.model().toString(), outcome.failure()));
        return failures;
    }
}
