package org.usedecentral.orchestrator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Hpke;
import org.usedecentral.link.Link;
import org.usedecentral.link.LinkHost;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.ledger.SettlementLedger;
import org.usedecentral.spi.ledger.WorkerAccount;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.time.Timers;

/** This orchestrator's live view of the workers linked to it. Thread-safe. */
final class Directory implements LinkHost {
    private static final Logger LOG = System.getLogger(Directory.class.getName());
    private static final int MAX_WORKERS = 10_000;
    private static final int MAX_MODELS = 10_000;
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(10);
    private static final Duration LONGEST_ADVERT = Duration.ofSeconds(60);

    private final Parts parts;
    private final Map<Account, KnownWorker> workers = new ConcurrentHashMap<>();
    private final Set<ModelId> seen = ConcurrentHashMap.newKeySet();
    private final Suspensions suspensions = new Suspensions();
    private final CompletableFuture<Void> firstLink = new CompletableFuture<>();

    Directory(Parts parts) {
        this.parts = parts;
    }

    /** Every worker that hosts {@code model}, pickable or not. */
    List<Candidate> candidates(ModelId model) {
        Instant now = parts.now();
        List<Candidate> candidates = new ArrayList<>();
        for (KnownWorker worker : workers.values()) {
            worker.candidate(model, now).ifPresent(candidates::add);
        }
        return candidates;
    }

    /** Whether some worker hosted {@code model} since the start: it may come back. */
    boolean hasSeen(ModelId model) {
        return seen.contains(model);
    }

    private void remember(WorkerAdvert advert) {
        if (seen.size() < MAX_MODELS) {
            advert.models().forEach(hosted -> seen.add(hosted.id()));
        }
    }

    /** What can be asked for now. */
    List<ModelOffer> models(Pricing pricing) {
        Map<String, ModelOffer> offers = new TreeMap<>();
        for (KnownWorker worker : workers.values()) {
            for (WorkerAdvert.Hosted hosted : worker.link().offer().advert().models()) {
                if (hosted.prices().tokenPrices().within(pricing.ceiling(hosted.id()))) {
                    ModelLimits limits = hosted.card().limits();
                    offers.merge(
                            hosted.id().value(),
                            new ModelOffer(hosted.id(), pricing.ceiling(hosted.id()), limits, 1),
                            Directory::widest);
                }
            }
        }
        return List.copyOf(offers.values());
    }

    private static ModelOffer widest(ModelOffer one, ModelOffer other) {
        ModelLimits limits =
                one.limits().contextTokens() >= other.limits().contextTokens() ? one.limits() : other.limits();
        return new ModelOffer(one.id(), one.ceiling(), limits, one.workers() + other.workers());
    }

    void refused(Account worker, String reason) {
        find(worker).ifPresent(known -> known.refused(reason));
    }

    void suspend(Account worker, String why) {
        Duration length = suspensions.add(worker, parts.now());
        LOG.log(Level.WARNING, "worker {0} is left out for {1}: {2}", worker, length, why);
    }

    void speeds(Account worker, double prefill, double decode) {
        find(worker).ifPresent(known -> known.speeds(prefill, decode));
    }

    private Optional<KnownWorker> find(Account worker) {
        return Optional.ofNullable(workers.get(worker));
    }

    /** Workers that are linked. */
    int links() {
        return workers.size();
    }

    /** Completes when the first worker is linked. */
    CompletableFuture<Void> firstLink() {
        return firstLink;
    }

    void close() {
        workers.values().forEach(known -> known.link().close("the orchestrator stops"));
    }

    @Override
    public Signer orchestrator() {
        return parts.signer();
    }

    @Override
    public LedgerId ledger() {
        return parts.ledger().id();
    }

    @Override
    public Timers timers() {
        return parts.timers();
    }

    @Override
    public LinkLimits limits() {
        return parts.settings().link();
    }

    @Override
    public Bytes random() {
        return parts.random32();
    }

    @Override
    public void admit(WorkerAdvert advert, List<SignedOperation> registration) {
        if (!isCurrent(advert)) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    "the advert's times are off by more than 10 s, or it is valid for more than 60 s: set the worker's clock");
        }
        requireSessionKey(advert);
        if (workers.size() >= MAX_WORKERS && !workers.containsKey(advert.worker())) {
            throw new DecentralException(ErrorCode.OVERLOADED, "this orchestrator has its " + MAX_WORKERS + " workers");
        }
        SettlementLedger ledger = parts.ledger();
        Optional<WorkerAccount> standing = ledger.workers().find(advert.worker());
        if (standing.isEmpty() && !registration.isEmpty()) {
            SignedOperation operation = registration.getFirst();
            if (!(LedgerOperation.decode(operation.body()) instanceof LedgerOperation.Register register)
                    || !register.registration().worker().equals(advert.worker())) {
                throw new DecentralException(ErrorCode.FORBIDDEN, "HELLO carries a registration of something else");
            }
            LOG.log(
                    Level.INFO,
                    "worker {0} registers: {1}",
                    advert.worker(),
                    ledger.submit(operation).transaction());
            standing = ledger.workers().find(advert.worker());
        }
        if (standing.isEmpty() || standing.get().retired()) {
            throw new DecentralException(
                    ErrorCode.FORBIDDEN, "worker " + advert.worker() + " is not registered on ledger " + ledger.id());
        }
    }

    private static void requireSessionKey(WorkerAdvert advert) {
        try {
            var _ = Hpke.seal(advert.sessionKey(), Bytes.empty());
        } catch (DecentralException e) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "nothing can be sealed to the advert's session key: " + e.message(), e);
        }
    }

    @Override
    public boolean isCurrent(WorkerAdvert advert) {
        long now = parts.now().toEpochMilli();
        WorkerAdvert.Validity validity = advert.validity();
        return validity.sequence() - now <= CLOCK_SKEW.toMillis()
                && validity.expires() >= now - CLOCK_SKEW.toMillis()
                && validity.expires() - validity.sequence() <= LONGEST_ADVERT.toMillis();
    }

    @Override
    public void opened(Link link) {
        remember(link.offer().advert());
        WorkerAccount standing = parts.ledger()
                .workers()
                .find(link.worker())
                .orElseThrow(() -> new DecentralException(ErrorCode.FORBIDDEN, "the worker is not registered"));
        Instant now = parts.now();
        AtomicReference<@Nullable Link> replaced = new AtomicReference<>();
        workers.compute(link.worker(), (account, known) -> {
            if (known == null) {
                return new KnownWorker(suspensions, link, standing, now);
            }
            replaced.set(known.relink(link, standing, now));
            return known;
        });
        Link older = replaced.get();
        if (older != null) {
            older.close("a newer link of the same worker");
        }
        LOG.log(Level.INFO, "worker {0} is linked", link.worker());
        firstLink.complete(null);
    }

    @Override
    public void advertised(Link link) {
        remember(link.offer().advert());
        WorkerAdvert advert = link.offer().advert();
        find(link.worker()).ifPresent(known -> {
            if (known.isRekeyed(advert.sessionKey())) {
                requireSessionKey(advert);
            }
            known.seen(parts.now());
            parts.ledger().workers().find(link.worker()).ifPresent(known::standing);
        });
    }

    @Override
    public void draining(Link link) {
        find(link.worker()).filter(known -> known.link() == link).ifPresent(KnownWorker::drain);
    }

    @Override
    public void measured(Link link, Duration roundTrip) {
        find(link.worker()).ifPresent(known -> {
            known.roundTrip(roundTrip);
            known.seen(parts.now());
        });
    }

    @Override
    public Map<String, Long> refusals(Account worker) {
        return find(worker).map(KnownWorker::takeRefusals).orElse(Map.of());
    }

    @Override
    public void closed(Link link, String reason) {
        workers.computeIfPresent(link.worker(), (account, known) -> known.link() == link ? null : known);
        LOG.log(Level.INFO, "worker {0} is no longer linked: {1}", link.worker(), reason);
    }
}
