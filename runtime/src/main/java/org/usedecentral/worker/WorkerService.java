package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.SignedAdvert;
import org.usedecentral.link.WebSocketDialer;
import org.usedecentral.link.Wire;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.time.Timers;
import org.usedecentral.time.Underway;

/** A worker: keeps its links, tells them what it offers, runs what they assign. Thread-safe. */
public final class WorkerService implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkerService.class.getName());
    private static final Duration ADVERT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration FIRST_REDIAL = Duration.ofMillis(500);
    private static final Duration LONGEST_REDIAL = Duration.ofSeconds(30);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);
    private static final int MAX_REASONS = 64;

    private final WorkerParts parts;
    private final AdvertPublisher adverts;
    private final WorkerJournal journal;
    private final Claims claims;
    private final WebSocketDialer dialer = new WebSocketDialer();
    private final Set<WorkerLink> links = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> refusals = new ConcurrentHashMap<>();
    private final Underway executions = new Underway();
    private volatile Timers.@Nullable Alarm advertAlarm;
    private volatile boolean closed;

    public WorkerService(WorkerParts parts) {
        this.parts = parts;
        this.adverts = new AdvertPublisher(parts);
        this.journal =
                new WorkerJournal(parts.directory(), parts.timers().clock().instant());
        this.claims = new Claims(parts);
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
        return link(wire, Optional.empty(), ended);
    }

    /**
     * Dials an orchestrator's {@code /v1/workers/link} and keeps the link: dials again with growing pauses when it breaks.
     *
     * @param orchestrator the key that must answer; empty: whichever does
     */
    public void dial(URI address, Optional<Account> orchestrator) {
        Thread.ofVirtual().name("decentral-dial").start(() -> dial(new Target(address, orchestrator), FIRST_REDIAL));
    }

    private record Target(URI address, Optional<Account> orchestrator) {}

    private void dial(Target target, Duration pause) {
        if (closed) {
            return;
        }
        try {
            dialer.dial(
                    target.address(),
                    wire -> link(wire, target.orchestrator(), reason -> redial(target, FIRST_REDIAL, reason)));
        } catch (DecentralException e) {
            Duration longer = pause.multipliedBy(2);
            redial(target, longer.compareTo(LONGEST_REDIAL) > 0 ? LONGEST_REDIAL : longer, e.message());
        }
    }

    private void redial(Target target, Duration pause, String reason) {
        if (!closed) {
            LOG.log(Level.WARNING, "{0} is dialled again in {1}: {2}", target.address(), pause, reason);
            parts.timers().startAfter(pause, "decentral-dial", () -> dial(target, pause));
        }
    }

    private WorkerLink link(Wire wire, Optional<Account> expected, Consumer<String> ended) {
        WorkerLink.Events events = new WorkerLink.Events() {
            @Override
            public void opened(WorkerLink link) {
                links.add(link);
                LOG.log(Level.INFO, "linked to orchestrator {0}", link.orchestrator());
            }

            @Override
            public void closed(WorkerLink link, String reason) {
                links.remove(link);
                ended.accept(reason);
            }

            @Override
            public void refusals(Account orchestrator, Map<String, Long> byReason) {
                byReason.forEach(WorkerService.this::count);
            }

            @Override
            public Underway executions() {
                return executions;
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

    /** Why jobs went elsewhere, counted since the start. */
    public Map<String, Long> refusals() {
        return Map.copyOf(refusals);
    }

    private void scheduleAdvert() {
        advertAlarm = parts.timers().startAfter(ADVERT_INTERVAL, "decentral-advert", this::advertise);
    }

    private void advertise() {
        try {
            if (!links.isEmpty()) {
                SignedAdvert advert = adverts.publish();
                links.forEach(link -> link.advertise(advert));
            }
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "no advert: {0}", e.message());
        } finally {
            if (!closed) {
                scheduleAdvert();
            }
        }
    }

    /** Takes no new jobs; those that run go on. */
    public void drain(String reason) {
        links.forEach(link -> link.drain(reason));
    }

    /** Closes every link, which ends what runs, and waits until it has ended. */
    @Override
    public void close() {
        closed = true;
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
