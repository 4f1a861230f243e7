package org.usedecentral.link;

import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.crypto.Hpke;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.Signed.LinkParties;
import org.usedecentral.spi.protocol.Signed.LinkRandoms;
import org.usedecentral.spi.protocol.Signed.LinkRole;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.time.TurnedTimers;

/** A worker whose every frame the test sends itself, linked to a real orchestrator. */
public final class HandWorker {
    private static final long LIMIT_SECONDS = 10;

    private final LinkHost host;
    private final TurnedTimers timers;
    private final Ed25519.KeyPair key;
    private final Hpke.SessionKey session = Hpke.generate(new SecureRandom());
    private final BlockingQueue<Frame> heard = new LinkedBlockingQueue<>();
    private final AtomicInteger closes = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Link link;

    /** A job as the worker reads it, and how it answers. */
    public record Assigned(Frame.Job frame, Terms terms, GenerationRequest request, Bytes salt, RecordWriter writer) {
        public int lane() {
            return frame.lane();
        }
    }

    /** Links the worker whose key comes from {@code seed}. */
    public HandWorker(LinkHost host, TurnedTimers timers, int seed) {
        this.host = host;
        this.timers = timers;
        this.key = Ed25519.fromSeed(LinkStage.filled(seed));
        this.link = Link.accept(host, new Wire() {
            @Override
            public void send(byte[] frame) {
                heard.add(Frame.decode(frame, 0, frame.length));
            }

            @Override
            public void close(String reason) {
                closes.incrementAndGet();
                Thread.ofVirtual().start(() -> end(reason));
            }
        });
        Frame.Challenge challenge = hear(Frame.Challenge.class);
        SignedAdvert advert = advert(session.publicKey());
        Bytes random = LinkStage.filled(9);
        Bytes signature = key.sign(Signed.link(
                LinkRole.WORKER,
                new LinkParties(host.ledger(), challenge.orchestrator(), key.account()),
                new LinkRandoms(challenge.random(), random),
                advert.sha256()));
        tell(new Frame.Hello(advert, random, signature, List.of()));
    }

    /** An advert of now for {@link LinkStage#MODEL}. */
    public SignedAdvert advert(Bytes sessionKey) {
        long now = timers.now().toEpochMilli();
        WorkerAdvert.Hosted hosted = new WorkerAdvert.Hosted(
                LinkStage.MODEL,
                LinkStage.filled(7),
                new WorkerAdvert.Limits(100_000, 1024, 10, "Q4"),
                List.of("GENERATE"),
                new WorkerAdvert.Prices(100_000, 200_000));
        return SignedAdvert.of(
                new WorkerAdvert(
                        key.account(),
                        List.of(hosted),
                        new WorkerAdvert.Engine(
                                "hand", List.of(), "", new WorkerAdvert.Load(4, 0, 0), new WorkerAdvert.Speed(0, 0)),
                        sessionKey,
                        new WorkerAdvert.Validity(now, now + 60_000)),
                host.ledger(),
                key);
    }

    public Account account() {
        return key.account();
    }

    public Link link() {
        return link;
    }

    /** How often the orchestrator closed the wire. */
    public int closes() {
        return closes.get();
    }

    /** The next frame of that kind that the orchestrator sends; others before it are passed over. */
    public <T extends Frame> T hear(Class<T> kind) {
        try {
            while (true) {
                Frame frame = heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
                if (frame == null) {
                    throw new AssertionError("no " + kind.getSimpleName() + " within " + LIMIT_SECONDS + " s");
                }
                if (kind.isInstance(frame)) {
                    return kind.cast(frame);
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Whether a frame of that kind is there to be heard. */
    public boolean hears(Class<? extends Frame> kind) {
        return heard.stream().anyMatch(kind::isInstance);
    }

    public void tell(Frame frame) {
        tell(frame.encode());
    }

    public void tell(byte[] frame) {
        link.onFrame(frame, 0, frame.length);
    }

    /** Takes the next job and opens what is sealed in it. */
    public Assigned take(ProofScheme scheme) {
        Frame.Job job = hear(Frame.Job.class);
        Terms terms = job.assignment().decodedTerms();
        SealedPayload.Opened opened = job.sealed()
                .open(
                        session,
                        new SealedPayload.Binding(
                                terms.jobId(),
                                job.attempt(),
                                key.account(),
                                job.sealed().advertSha256()));
        GenerationRequest request = RequestCodec.decode(opened.plaintext().payload());
        RecordWriter writer = new RecordWriter(
                new FrameCipher(opened.frameKey(), terms.jobId(), job.attempt()),
                scheme.newTranscript(opened.plaintext().salt(), request.choices()));
        return new Assigned(job, terms, request, opened.plaintext().salt(), writer);
    }

    public void accept(Assigned job, int inputTokens) {
        tell(new Frame.Accept(job.lane(), inputTokens));
    }

    /** Sends text of one token. */
    public void say(Assigned job, String text) {
        job.writer().add(new GenerationEvent.TextDelta(0, PartKind.TEXT, text, 1, List.of()));
        tell(job.writer().seal(job.lane()));
    }

    public void fail(Assigned job, String code) {
        tell(new Frame.Fail(job.lane(), code, "by hand"));
    }

    /** The link ends, as when the process dies. */
    public void die() {
        end("died by hand");
    }

    private void end(String reason) {
        if (ended.compareAndSet(false, true)) {
            link.onClosed(reason);
        }
    }
}
