package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.link.Frame;
import org.usedecentral.link.LinkLimits;
import org.usedecentral.link.SignedAdvert;
import org.usedecentral.link.Wire;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.Signed.LinkParties;
import org.usedecentral.spi.protocol.Signed.LinkRandoms;
import org.usedecentral.spi.protocol.Signed.LinkRole;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.time.Timers;
import org.usedecentral.time.Underway;

/** A connection to an orchestrator, the worker's end: handshake, then jobs. The wire's reader calls {@code onFrame}, which never waits for a job. */
final class WorkerLink implements Wire.Listener {
    private static final Logger LOG = System.getLogger(WorkerLink.class.getName());
    private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
    private static final int MAX_COUNTS = 16;

    private final Host host;
    private final Wire wire;
    private final Optional<Account> expected;
    private final Bytes random;
    private final Map<Integer, WorkerLane> lanes = new ConcurrentHashMap<>();
    private final AtomicInteger counting = new AtomicInteger();
    private final Timers.Alarm handshakeAlarm;
    private volatile Frame.@Nullable Challenge challenge;
    private volatile @Nullable SignedAdvert greeting;
    private volatile @Nullable JobExecutor executor;
    private volatile LinkLimits limits = LinkLimits.DEFAULT;

    /** The worker behind its links. */
    record Host(WorkerParts parts, AdvertPublisher adverts, WorkerJournal journal, Claims claims, Events events) {}

    /** What the worker is told of its links. */
    interface Events {
        void opened(WorkerLink link);

        void closed(WorkerLink link, String reason);

        void refusals(Account orchestrator, Map<String, Long> byReason);

        /** Begun before an execution, ended after it. */
        Underway executions();

        WorkerTally tally();

        /** Whether new jobs are refused. */
        boolean draining();
    }

    WorkerLink(Host host, Wire wire, Optional<Account> expected) {
        this.host = host;
        this.wire = wire;
        this.expected = expected;
        this.random = host.parts().random32();
        this.handshakeAlarm = host.parts().timers().after(HANDSHAKE_LIMIT, () -> {
            if (executor == null) {
                wire.close("no WELCOME within " + HANDSHAKE_LIMIT.toSeconds() + " s");
            }
        });
    }

    /** Whom the link goes to, once it is open. */
    Account orchestrator() {
        Frame.Challenge greeted = challenge;
        if (greeted == null) {
            throw new IllegalStateException("the link is not open yet");
        }
        return greeted.orchestrator();
    }

    void advertise(SignedAdvert advert) {
        trySend(new Frame.Advert(advert));
    }

    void drain(String reason) {
        trySend(new Frame.Drain(reason));
    }

    void close(String reason) {
        wire.close(reason);
    }

    private void trySend(Frame frame) {
        try {
            wire.send(frame.encode());
        } catch (DecentralException e) {
            LOG.log(Level.DEBUG, "not sent: {0}", e.message());
        }
    }

    @Override
    public void onFrame(byte[] bytes, int offset, int length) {
        try {
            Frame frame = Frame.decode(bytes, offset, length);
            JobExecutor open = executor;
            if (open == null) {
                handshake(frame);
            } else {
                control(open, frame);
            }
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "the link is closed: {0}: {1}", e.code(), e.message());
            wire.close(e.code() + ": " + e.message());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a frame of an orchestrator failed inside the worker", e);
            wire.close(ErrorCode.INTERNAL + ": the worker failed");
        }
    }

    private void handshake(Frame frame) {
        switch (frame) {
            case Frame.Challenge greeted when challenge == null -> hello(greeted);
            case Frame.Welcome welcome when challenge != null -> welcome(welcome);
            default -> throw new DecentralException(ErrorCode.UNAUTHENTICATED, "CHALLENGE or WELCOME expected");
        }
    }

    private void hello(Frame.Challenge greeted) {
        WorkerParts parts = host.parts();
        if (expected.isPresent() && !expected.get().equals(greeted.orchestrator())) {
            throw new DecentralException(
                    ErrorCode.UNAUTHENTICATED,
                    "orchestrator " + greeted.orchestrator() + " answers; " + expected.get() + " is configured");
        }
        if (!greeted.ledger().equals(parts.ledger().id())) {
            throw new DecentralException(
                    ErrorCode.CONFLICT,
                    "the orchestrator is on ledger " + greeted.ledger() + ", this worker on "
                            + parts.ledger().id());
        }
        challenge = greeted;
        SignedAdvert advert = host.adverts().publish();
        greeting = advert;
        Bytes signature =
                parts.signer().sign(Signed.link(LinkRole.WORKER, parties(greeted), randoms(greeted), advert.sha256()));
        wire.send(new Frame.Hello(advert, random, signature, registration()).encode());
    }

    /** A native worker owns itself: one key signs as both. A worker with another owner was registered by that owner. */
    private List<SignedOperation> registration() {
        WorkerParts parts = host.parts();
        Account me = parts.signer().account();
        if (!parts.registration().owner().equals(me)) {
            return List.of();
        }
        return List.of(SignedOperation.of(
                parts.ledger().id(),
                WriteId.derived("register", me.key()),
                new LedgerOperation.Register(parts.registration()),
                parts.signer()));
    }

    private void welcome(Frame.Welcome welcome) {
        Frame.Challenge greeted = challenge;
        SignedAdvert advert = greeting;
        if (greeted == null || advert == null) {
            throw new DecentralException(ErrorCode.UNAUTHENTICATED, "WELCOME before HELLO");
        }
        Bytes message = Signed.link(LinkRole.ORCHESTRATOR, parties(greeted), randoms(greeted), advert.sha256());
        if (!Ed25519.verify(greeted.orchestrator(), message, welcome.signature())) {
            throw new DecentralException(ErrorCode.UNAUTHENTICATED, "WELCOME is not signed by the orchestrator");
        }
        handshakeAlarm.cancel();
        limits = welcome.limits();
        JobExecutor.Context context =
                new JobExecutor.Context(host.parts(), host.adverts(), host.journal(), host.claims(), wire);
        executor = new JobExecutor(
                context,
                new CheckedJob.Parties(
                        greeted.ledger(),
                        greeted.orchestrator(),
                        host.parts().signer().account()),
                host.events().tally());
        host.events().opened(this);
    }

    private LinkParties parties(Frame.Challenge greeted) {
        return new LinkParties(
                greeted.ledger(), greeted.orchestrator(), host.parts().signer().account());
    }

    private LinkRandoms randoms(Frame.Challenge greeted) {
        return new LinkRandoms(greeted.random(), random);
    }

    private void control(JobExecutor open, Frame frame) {
        switch (frame) {
            case Frame.Job job -> assigned(open, job);
            case Frame.Window window -> window(window);
            case Frame.Cancel(int id) -> stop(id, WorkerLane.Stop.CANCELLED);
            case Frame.Ping ping -> {
                trySend(new Frame.Pong(ping.nonce()));
                if (!ping.refusals().isEmpty()) {
                    host.events().refusals(orchestrator(), ping.refusals());
                }
            }
            case Frame.Count count -> count(open, count);
            default -> throw DecentralException.invalid("type", "a frame that orchestrators do not send");
        }
    }

    private void assigned(JobExecutor open, Frame.Job job) {
        if (lanes.size() >= limits.lanes()) {
            open.fail(job.lane(), new DecentralException(ErrorCode.OVERLOADED, "every lane is taken"));
            return;
        }
        if (host.events().draining()) {
            // It was assigned before the orchestrator read DRAIN.
            open.fail(job.lane(), new DecentralException(ErrorCode.UNAVAILABLE, "the worker is draining"));
            return;
        }
        WorkerLane lane = new WorkerLane(job.assignment().signedVoucher(), limits, orchestrator());
        if (lanes.putIfAbsent(job.lane(), lane) != null) {
            throw DecentralException.invalid("lane", "lane " + job.lane() + " is in use");
        }
        host.events().executions().begin();
        Thread.ofVirtual().name("decentral-execution").start(() -> {
            try {
                open.run(job, lane);
            } finally {
                lanes.remove(job.lane());
                host.events().executions().end();
            }
        });
    }

    private void window(Frame.Window window) {
        WorkerLane lane = lanes.get(window.lane());
        if (lane == null) {
            return;
        }
        SignedVoucher voucher =
                window.voucher().isEmpty() ? null : window.voucher().getFirst();
        if (lane.grant(window.bytes(), voucher) && voucher != null) {
            host.journal()
                    .vouched(
                            new WorkerJournal.Key(
                                    voucher.voucher().job(), voucher.voucher().attempt()),
                            voucher);
        }
    }

    private void stop(int id, WorkerLane.Stop reason) {
        WorkerLane lane = lanes.get(id);
        if (lane != null) {
            lane.stop(reason);
        }
    }

    private void count(JobExecutor open, Frame.Count count) {
        if (counting.incrementAndGet() > MAX_COUNTS) {
            counting.decrementAndGet();
            trySend(new Frame.Counted(
                    count.query(), -1, ErrorCode.OVERLOADED.name(), "too many prompts are being counted"));
            return;
        }
        Thread.ofVirtual().name("decentral-count").start(() -> {
            try {
                open.count(count);
            } finally {
                counting.decrementAndGet();
            }
        });
    }

    @Override
    public void onClosed(String reason) {
        handshakeAlarm.cancel();
        lanes.values().forEach(lane -> lane.stop(WorkerLane.Stop.LOST));
        host.events().closed(this, reason);
    }
}
