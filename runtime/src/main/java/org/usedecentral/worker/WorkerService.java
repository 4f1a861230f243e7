package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.SignedAdvert;
import org.usedecentral.link.WebSocketDialer;
import org.usedecentral.link.Wire;
import org.usedecentral.link.WorkerAdvert;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.ledger.Balance;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.time.Timers;
import org.usedecentral.time.Underway;

/** A worker: keeps its links, tells them what it offers, runs what they assign. Thread-safe. */
public final class WorkerService implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkerService.class.getName());
    private static final Duration ADVERT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration GOODBYE_LIMIT = Duration.ofSeconds(2);
    private static final String DRAINING = "the worker stops after the jobs it runs";
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);
    private static final int MAX_REASONS = 64;

    private final WorkerParts parts;
    private final AdvertPublisher adverts;
    private final WorkerJournal journal;
    private final Claims claims;
    private final WebSocketDialer dialer = new WebSocketDialer();
    private final Set<WorkerLink> links = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> refusals = new ConcurrentHashMap<>();
    private final WorkerTally tally = new WorkerTally();
    private final Underway executions = new Underway();
    private final Underway open = new Underway();
    private final Redialing redialing;
    private final Instant started;
    private volatile Timers.@Nullable Alarm advertAlarm;
    private volatile boolean draining;
    private volatile boolean closed;

    public WorkerService(WorkerParts parts) {
        this.parts = parts;
        this.started = parts.timers().clock().instant();
        this.adverts = new AdvertPublisher(parts);
        this.journal =
                new WorkerJournal(parts.directory(), parts.timers().clock().instant());
        this.claims = new Claims(parts);
        this.redialing = new Redialing(parts.timers(), dialer::dial);
    }

    /** Takes up vouchers of the last run, and begins to advertise. */
    public void start() {
        for (SignedVoucher voucher : journal.vouchers()) {
            claims.watch(voucher);
        }
        scheduleAdvert();
    }

    /**
     * The worker's end of a wire that stands already, as in one process.
     *
     * @param ended told why, when the link is over
     */
    public Wire.Listener accept(Wire wire, Consumer<String> ended) {
        return link(wire, Optional.empty(), new Redialing.Turns() {
            @Override
            public void opened() {
                // Who waits for the orchestrator's end of this wire hears of it there.
            }

            @Override
            public void ended(String reason) {
                ended.accept(reason);
            }
        });
    }

    /**
     * Dials an orchestrator's {@code /v1/workers/link} and keeps the link: dials again with growing pauses when it breaks.
     *
     * @param orchestrator the key that must answer; empty: whichever does
     */
    public void dial(URI address, Optional<Account> orchestrator) {
        redialing.keep(address, (wire, turns) -> link(wire, orchestrator, turns));
    }

    private WorkerLink link(Wire wire, Optional<Account> expected, Redialing.Turns turns) {
        WorkerLink.Events events = new WorkerLink.Events() {
            @Override
            public void opened(WorkerLink link) {
                open.begin();
                links.add(link);
                turns.opened();
                LOG.log(Level.INFO, "linked to orchestrator {0}", link.orchestrator());
                if (draining) {
                    link.drain(DRAINING);
                }
            }

            @Override
            public void closed(WorkerLink link, String reason) {
                if (links.remove(link)) {
                    open.end();
                }
                turns.ended(reason);
            }

            @Override
            public void refusals(Account orchestrator, Map<String, Long> byReason) {
                byReason.forEach(WorkerService.this::count);
            }

            @Override
            public Underway executions() {
                return executions;
            }

            @Override
            public WorkerTally tally() {
                return tally;
            }

            @Override
            public boolean draining() {
                return draining;
            }
        };
        return new WorkerLink(new WorkerLink.Host(parts, adverts, journal, claims, events), wire, expected);
    }

    /** Reasons are the orchestrators' words: beyond so many different ones no new one is kept. */
    private void count(String reason, long count) {
        if (refusals.size() < MAX_REASONS || refusals.containsKey(reason)) {
            refusals.merge(reason, count, Long::sum);
        }
    }

    /** Whom jobs are assigned to and statements are signed by. */
    public Account account() {
        return parts.signer().account();
    }

    /** Orchestrators this worker is linked to. */
    public int links() {
        return links.size();
    }

    /** Models that failed their self-test, with the reason. */
    public Map<String, String> notOffered() {
        return parts.offer().failures();
    }

    /** Why jobs went elsewhere, counted since the start. */
    public Map<String, Long> refusals() {
        return Map.copyOf(refusals);
    }

    /** How it does now; asks the ledger for its balance, which may take a while. */
    public WorkerStatus status() {
        WorkerStatus.Identity identity = new WorkerStatus.Identity(
                account(), parts.registration().payout(), parts.ledger().id(), started.toEpochMilli(), draining);
        WorkerStatus.Orchestrators orchestrators = new WorkerStatus.Orchestrators(
                links.stream().map(WorkerLink::orchestrator).toList(), refusals());
        return new WorkerStatus(identity, tally.jobs(running()), earnings(), engine(), orchestrators);
    }

    private WorkerStatus.Earnings earnings() {
        Claims.Pending pending = claims.pending();
        try {
            Balance balance =
                    parts.ledger().credits().balance(parts.registration().payout());
            return new WorkerStatus.Earnings(balance.free(), balance.held(), pending.count(), pending.value(), "");
        } catch (DecentralException e) {
            return new WorkerStatus.Earnings(0, 0, pending.count(), pending.value(), e.message());
        }
    }

    private WorkerStatus.Engine engine() {
        WorkerAdvert.Speed tested = parts.offer().speed();
        int slots = 0;
        int running = 0;
        int waiting = 0;
        double use = 0;
        List<WorkerStatus.Model> models = new ArrayList<>();
        for (InferenceBackend backend : parts.backends()) {
            BackendLoad load = backend.load();
            slots += load.slots();
            running += load.running();
            waiting += load.waiting();
            use = Math.max(use, load.kvCacheUse());
            for (ModelCard card : backend.models()) {
                if (parts.offer().includes(backend, card.id())) {
                    double prefill = tally.prefill(card.id());
                    double decode = tally.decode(card.id());
                    models.add(new WorkerStatus.Model(
                            card.id(),
                            backend.name(),
                            card.limits().contextTokens(),
                            prefill > 0 ? prefill : tested.prefill(),
                            decode > 0 ? decode : tested.decode()));
                }
            }
        }
        return new WorkerStatus.Engine(slots, running, waiting, use, models);
    }

    private void scheduleAdvert() {
        advertAlarm = parts.timers().startAfter(ADVERT_INTERVAL, "decentral-advert", this::advertise);
    }

    private void advertise() {
        try {
            publish();
        } finally {
            if (!closed) {
                scheduleAdvert();
            }
        }
    }

    private void publish() {
        try {
            if (!links.isEmpty()) {
                SignedAdvert advert = adverts.publish();
                links.forEach(link -> link.advertise(advert));
            }
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "no advert: {0}", e.message());
        }
    }

    /** Tells every orchestrator soon what is offered now, as when an engine went or came back. Does not wait. */
    public void offerChanged() {
        if (!closed) {
            Thread.ofVirtual().name("decentral-advert").start(this::publish);
        }
    }

    /** Takes no new jobs from now on and dials nobody any more; those that run go on. Orchestrators close a link when its last job has ended. */
    public void drain() {
        draining = true;
        redialing.stop();
        links.forEach(link -> link.drain(DRAINING));
    }

    /** Whether {@link #drain} was called. */
    public boolean draining() {
        return draining;
    }

    /** Jobs that run now. */
    public int running() {
        return executions.count();
    }

    /**
     * Waits until no job runs and orchestrators have heard the last of each; {@link #drain} comes first.
     *
     * @param limit of real time
     * @return false if jobs still run when the limit is over or the thread is interrupted
     */
    public boolean awaitDrained(Duration limit) {
        if (!executions.awaitNone(limit)) {
            return false;
        }
        // An orchestrator of an older version leaves a drained link open.
        boolean _ = open.awaitNone(GOODBYE_LIMIT);
        return true;
    }

    /** Closes every link, which ends what runs, and waits until it has ended. */
    @Override
    public void close() {
        closed = true;
        redialing.stop();
        claims.close();
        Timers.Alarm alarm = advertAlarm;
        if (alarm != null) {
            alarm.cancel();
        }
        links.forEach(link -> link.close("the worker stops"));
        if (!executions.awaitNone(CLOSE_LIMIT)) {
            LOG.log(Level.WARNING, "a backend goes on although its job was stopped: it is not waited for");
        }
        dialer.close();
        journal.close();
    }
}
