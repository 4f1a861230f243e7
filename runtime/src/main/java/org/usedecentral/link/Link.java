package org.usedecentral.link;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.Signed.LinkParties;
import org.usedecentral.spi.protocol.Signed.LinkRandoms;
import org.usedecentral.spi.protocol.Signed.LinkRole;
import org.usedecentral.time.Timers;

/**
 * A worker's connection, the orchestrator's end: handshake, heartbeat, and its lanes. The wire's reader calls {@code onFrame}; other methods may be
 * called by any thread once the link is open.
 */
public final class Link implements Wire.Listener {
    private static final Logger LOG = System.getLogger(Link.class.getName());
    private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(5);
    private static final Duration PONG_LIMIT = Duration.ofSeconds(20);

    private final LinkHost host;
    private final Wire wire;
    private final Bytes random;
    private final AtomicInteger nextLane = new AtomicInteger();
    private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<Frame.Counted>> counts = new ConcurrentHashMap<>();
    private final Timers.Alarm handshakeAlarm;
    private volatile @Nullable Offer offer;
    private volatile Timers.@Nullable Alarm heartbeat;
    private volatile Instant pinged;
    private volatile boolean draining;
    private volatile boolean closed;

    /** A verified advert, and what it hashes to. */
    public record Offer(WorkerAdvert advert, Bytes sha256) {}

    private Link(LinkHost host, Wire wire) {
        this.host = host;
        this.wire = wire;
        this.random = host.random();
        this.pinged = host.timers().clock().instant();
        this.handshakeAlarm = host.timers().after(HANDSHAKE_LIMIT, () -> {
            if (offer == null) {
                close("no HELLO within " + HANDSHAKE_LIMIT.toSeconds() + " s");
            }
        });
    }

    /** Greets whoever is at the other end of {@code wire}; what comes from it goes to the link that is returned. */
    public static Link accept(LinkHost host, Wire wire) {
        Link link = new Link(host, wire);
        wire.send(new Frame.Challenge(host.orchestrator().account(), host.ledger(), link.random).encode());
        return link;
    }

    /** The worker; only after the handshake. */
    public Account worker() {
        return offer().advert().worker();
    }

    /** The newest advert; only after the handshake. */
    public Offer offer() {
        Offer current = offer;
        if (current == null) {
            throw new IllegalStateException("the link is not open yet");
        }
        return current;
    }

    /** Jobs that run on this link. */
    public int running() {
        return lanes.size();
    }

    LinkLimits limits() {
        return host.limits();
    }

    Timers timers() {
        return host.timers();
    }

    Signer orchestrator() {
        return host.orchestrator();
    }

    /**
     * Assigns an attempt.
     *
     * @throws DecentralException {@code OVERLOADED} when every lane is taken, {@code UNAVAILABLE} when the link is closed
     */
    public Lane open(Lane.Spec spec, Frame.Assignment assignment, SealedPayload sealed, LaneEnds ends) {
        if (lanes.size() >= host.limits().lanes()) {
            throw new DecentralException(ErrorCode.OVERLOADED, "every lane of the link to " + worker() + " is taken");
        }
        Lane lane = new Lane(nextLane.getAndIncrement(), spec, this, ends.sink(), ends.events());
        lanes.put(lane.id(), lane);
        try {
            send(new Frame.Job(lane.id(), spec.attempt(), assignment, sealed));
        } catch (DecentralException e) {
            lanes.remove(lane.id());
            throw e;
        }
        if (closed) {
            lane.fail(new DecentralException(ErrorCode.UNAVAILABLE, "the link broke"));
        }
        return lane;
    }

    /** Where a lane's output and its turns go. */
    public record LaneEnds(TokenSink sink, Lane.Events events) {}

    /**
     * Asks how many tokens a prompt has; completes with the worker's answer, exceptionally when the link breaks. The caller cancels what it no longer waits for.
     *
     * @param nonce stands for the job in what the payload is bound to
     */
    public CompletableFuture<Frame.Counted> count(JobId nonce, SealedPayload sealed) {
        int query = nextLane.getAndIncrement();
        if (counts.size() >= host.limits().lanes()) {
            throw new DecentralException(ErrorCode.OVERLOADED, "too many prompts are being counted on this link");
        }
        CompletableFuture<Frame.Counted> answer = new CompletableFuture<>();
        counts.put(query, answer);
        // The caller gets this very future, so that its cancelling makes room for another question.
        var _ = answer.whenComplete((counted, error) -> counts.remove(query));
        try {
            send(new Frame.Count(query, nonce.value(), sealed));
        } catch (DecentralException e) {
            answer.completeExceptionally(e);
        }
        if (closed) {
            answer.completeExceptionally(new DecentralException(ErrorCode.UNAVAILABLE, "the link broke"));
        }
        return answer;
    }

    void remove(Lane lane) {
        lanes.remove(lane.id());
        closeIfDrained();
    }

    /** A worker that drains leaves when its last job is over; closed from here it knows that all it sent has been read. */
    private void closeIfDrained() {
        if (draining && lanes.isEmpty()) {
            close("drained");
        }
    }

    void send(Frame frame) {
        wire.send(frame.encode());
    }

    /** Sends where a broken wire is no news: its own end reports it. */
    void trySend(Frame frame) {
        try {
            send(frame);
        } catch (DecentralException e) {
            LOG.log(Level.DEBUG, "frame not sent: {0}", e.message());
        }
    }

    @Override
    public void onFrame(byte[] frame, int offset, int length) {
        try {
            FrameType type = FrameType.of(length < 1 ? 0 : frame[offset]);
            if (offer == null) {
                handshake(Frame.decode(frame, offset, length));
            } else if (type == FrameType.TOKENS || type == FrameType.END) {
                sealed(type, frame, offset, length);
            } else {
                control(Frame.decode(frame, offset, length));
            }
        } catch (DecentralException e) {
            close(e.code() + ": " + e.message());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a frame of a worker failed inside the orchestrator", e);
            close(ErrorCode.INTERNAL + ": the orchestrator failed");
        }
    }

    private void sealed(FrameType type, byte[] frame, int offset, int length) {
        Lane lane = lanes.get(SealedFrame.lane(frame, offset, length));
        if (lane == null) {
            return; // a lane that ended here while its last frames were under way
        }
        if (type == FrameType.TOKENS) {
            lane.onTokens(frame, offset, length);
        } else {
            lane.onEnd(frame, offset, length);
        }
    }

    private void handshake(Frame frame) {
        if (!(frame instanceof Frame.Hello hello)) {
            throw new DecentralException(ErrorCode.UNAUTHENTICATED, "HELLO expected");
        }
        WorkerAdvert advert = hello.advert().verified(host.ledger());
        Account orchestrator = host.orchestrator().account();
        LinkParties parties = new LinkParties(host.ledger(), orchestrator, advert.worker());
        LinkRandoms randoms = new LinkRandoms(random, hello.random());
        Bytes sha256 = hello.advert().sha256();
        if (!Ed25519.verify(
                advert.worker(), Signed.link(LinkRole.WORKER, parties, randoms, sha256), hello.signature())) {
            throw new DecentralException(ErrorCode.UNAUTHENTICATED, "HELLO is not signed by " + advert.worker());
        }
        host.admit(advert, hello.registration());
        handshakeAlarm.cancel();
        offer = new Offer(advert, sha256);
        Bytes signature = host.orchestrator().sign(Signed.link(LinkRole.ORCHESTRATOR, parties, randoms, sha256));
        send(new Frame.Welcome(signature, host.limits()));
        host.opened(this);
        ping();
    }

    private void control(Frame frame) {
        switch (frame) {
            case Frame.Accept accept -> withLane(accept.lane(), lane -> lane.onAccept(accept));
            case Frame.Fail fail -> withLane(fail.lane(), lane -> lane.fail(fail.error()));
            case Frame.Advert advert -> advertised(advert.advert());
            case Frame.Drain ignored -> {
                draining = true;
                host.draining(this);
                closeIfDrained();
            }
            case Frame.Pong ignored -> onPong();
            case Frame.Counted counted -> {
                CompletableFuture<Frame.Counted> answer = counts.get(counted.query());
                if (answer != null) {
                    answer.complete(counted);
                }
            }
            default -> throw DecentralException.invalid("type", "a frame that workers do not send");
        }
    }

    private void withLane(int id, Consumer<Lane> action) {
        Lane lane = lanes.get(id);
        if (lane != null) {
            action.accept(lane);
        }
    }

    private void advertised(SignedAdvert signed) {
        WorkerAdvert next = signed.verified(host.ledger());
        Offer current = offer();
        if (!next.worker().equals(current.advert().worker())
                || next.validity().sequence() <= current.advert().validity().sequence()) {
            throw new DecentralException(ErrorCode.UNAUTHENTICATED, "an advert of another worker or an older one");
        }
        if (!host.isCurrent(next)) {
            LOG.log(Level.WARNING, "an advert of {0} is passed over: it came late, or its clock is off", next.worker());
            return;
        }
        offer = new Offer(next, signed.sha256());
        host.advertised(this);
    }

    /** Asks for a sign of life and gives it so long to come; the next question follows the answer. */
    private void ping() {
        Instant now = timers().clock().instant();
        pinged = now;
        heartbeat = timers().after(PONG_LIMIT, () -> close("no PONG for " + PONG_LIMIT.toSeconds() + " s"));
        trySend(new Frame.Ping(now.toEpochMilli(), host.refusals(worker())));
    }

    private void onPong() {
        host.measured(this, Duration.between(pinged, timers().clock().instant()));
        cancel(heartbeat);
        if (!closed) {
            // On a thread of its own, for a full wire blocks.
            heartbeat = timers().startAfter(PING_INTERVAL, "decentral-ping", this::ping);
        }
    }

    private static void cancel(Timers.@Nullable Alarm alarm) {
        if (alarm != null) {
            alarm.cancel();
        }
    }

    /** Ends the link and every lane on it. */
    public void close(String reason) {
        wire.close(reason);
    }

    @Override
    public void onClosed(String reason) {
        closed = true;
        handshakeAlarm.cancel();
        cancel(heartbeat);
        DecentralException error =
                new DecentralException(ErrorCode.UNAVAILABLE, "the link to the worker broke: " + reason);
        for (Lane lane : lanes.values()) {
            lane.fail(error);
        }
        counts.values().forEach(answer -> answer.completeExceptionally(error));
        if (offer != null) {
            host.closed(this, reason);
        }
    }
}
