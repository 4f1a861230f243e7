package org.usedecentral.link;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.proof.ProofScheme.Transcript;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.OutputHasher;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.Signed.LinkParties;
import org.usedecentral.spi.protocol.Signed.LinkRandoms;
import org.usedecentral.spi.protocol.Signed.LinkRole;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.TokenPrices;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.time.Timers;
import org.usedecentral.time.TurnedTimers;

/** A link whose other end is the test: it sends what a worker would and reads what the orchestrator sent. */
public final class LinkStage implements LinkHost {
    public static final ModelId MODEL = new ModelId("scripted");
    static final TokenPrices PRICES = new TokenPrices(1_000_000, 2_000_000);
    static final LinkLimits LIMITS = new LinkLimits(4, 4096, 8);
    private static final long LIMIT_SECONDS = 10;

    final TurnedTimers timers;
    final Ed25519.KeyPair orchestrator = Ed25519.fromSeed(filled(2));
    final Ed25519.KeyPair worker;
    final LedgerId ledger = new LedgerId(filled(1));
    final List<String> told = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Frame> sent = new LinkedBlockingQueue<>();
    private final Bytes workerRandom = filled(9);
    boolean wireIsBroken;

    LinkStage() {
        this(new TurnedTimers(), 3);
    }

    /** A stage with the worker whose key comes from {@code seed}. */
    LinkStage(TurnedTimers timers, int seed) {
        this.timers = timers;
        this.worker = Ed25519.fromSeed(filled(seed));
    }

    static Bytes filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    /** An open link of a worker that hosts {@link #MODEL} for 1 and 2 USDC a million tokens, for tests of whoever picks workers. */
    public static Link open(TurnedTimers timers, int seed) {
        return new LinkStage(timers, seed).open();
    }

    /** The link, its handshake done. */
    Link open() {
        Link link = Link.accept(this, wire());
        Frame.Challenge challenge = (Frame.Challenge) take();
        give(link, hello(challenge, worker));
        if (!(take() instanceof Frame.Welcome) || !(take() instanceof Frame.Ping)) {
            throw new AssertionError("WELCOME and PING expected");
        }
        return link;
    }

    Wire wire() {
        return new Wire() {
            @Override
            public void send(byte[] frame) {
                if (wireIsBroken) {
                    throw new DecentralException(ErrorCode.UNAVAILABLE, "the wire is broken");
                }
                sent.add(Frame.decode(frame, 0, frame.length));
            }

            @Override
            public void close(String reason) {
                told.add("wire closed: " + reason);
            }
        };
    }

    Frame.Hello hello(Frame.Challenge challenge, Signer signer) {
        SignedAdvert advert = advert(0);
        LinkParties parties = new LinkParties(ledger, challenge.orchestrator(), worker.account());
        LinkRandoms randoms = new LinkRandoms(challenge.random(), workerRandom);
        Bytes signature = signer.sign(Signed.link(LinkRole.WORKER, parties, randoms, advert.sha256()));
        return new Frame.Hello(advert, workerRandom, signature, List.of());
    }

    SignedAdvert advert(long later) {
        long now = timers.now().toEpochMilli() + later;
        WorkerAdvert.Hosted hosted = new WorkerAdvert.Hosted(
                MODEL,
                filled(7),
                new WorkerAdvert.Limits(4096, 1024, 10, "Q4"),
                List.of("GENERATE"),
                new WorkerAdvert.Prices(PRICES.input(), PRICES.output()));
        WorkerAdvert.Engine engine = new WorkerAdvert.Engine(
                "scripted", List.of(), "", new WorkerAdvert.Load(4, 0, 0), new WorkerAdvert.Speed(0, 0));
        WorkerAdvert advert = new WorkerAdvert(
                worker.account(), List.of(hosted), engine, filled(8), new WorkerAdvert.Validity(now, now + 60_000));
        return SignedAdvert.of(advert, ledger, worker);
    }

    /** The next frame that the orchestrator sent. */
    Frame take() {
        try {
            Frame frame = sent.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no frame within " + LIMIT_SECONDS + " s");
            }
            return frame;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Frames nobody has taken yet. */
    List<Frame> sent() {
        return List.copyOf(sent);
    }

    static void give(Link link, Frame frame) {
        give(link, frame.encode());
    }

    static void give(Link link, byte[] frame) {
        link.onFrame(frame, 0, frame.length);
    }

    /** An attempt that allows 50 tokens in, 100 out, and any price. */
    static Lane.Spec spec(int attempt) {
        return new Lane.Spec(
                new JobId(filled(4)),
                attempt,
                new AttemptPrice(PRICES, 50, 1_000_000),
                100,
                filled(5).slice(0, 16),
                transcript(1));
    }

    static Transcript transcript(int choices) {
        OutputHasher hasher = new OutputHasher(filled(6), choices);
        return new Transcript() {
            @Override
            public void append(Part part, byte[] utf8, int offset, int length) {
                hasher.append(part, utf8, offset, length);
            }

            @Override
            public Bytes digest() {
                return hasher.digest();
            }
        };
    }

    /** What seals as the worker of {@link #spec} does. */
    static RecordWriter writer(int attempt) {
        return new RecordWriter(cipher(attempt), transcript(2));
    }

    static FrameCipher cipher(int attempt) {
        return new FrameCipher(filled(5).slice(0, 16), new JobId(filled(4)), attempt);
    }

    Lane lane(Link link, TokenSink sink, Lane.Events events) {
        Lane lane = link.open(spec(0), assignment(), sealed(), new Link.LaneEnds(sink, events));
        if (!(take() instanceof Frame.Job)) {
            throw new AssertionError("JOB expected");
        }
        return lane;
    }

    static Frame.Assignment assignment() {
        Voucher voucher =
                Voucher.of(new JobId(filled(4)), Ed25519.fromSeed(filled(3)).account(), 0, 0, 0);
        return new Frame.Assignment(
                Bytes.zeros(248), new TransactionId(filled(5)), 77, voucher.encoded(), Bytes.zeros(64));
    }

    static SealedPayload sealed() {
        return new SealedPayload(filled(1), filled(2), Bytes.utf8("ciphertext"));
    }

    @Override
    public Signer orchestrator() {
        return orchestrator;
    }

    @Override
    public LedgerId ledger() {
        return ledger;
    }

    @Override
    public Timers timers() {
        return timers;
    }

    @Override
    public LinkLimits limits() {
        return LIMITS;
    }

    @Override
    public Bytes random() {
        return filled(7);
    }

    @Override
    public void admit(WorkerAdvert advert, List<SignedOperation> registration) {
        told.add("admit");
    }

    @Override
    public void opened(Link link) {
        told.add("opened");
    }

    @Override
    public boolean isCurrent(WorkerAdvert advert) {
        return advert.validity().expires() > timers.now().toEpochMilli();
    }

    @Override
    public void advertised(Link link) {
        told.add("advertised");
    }

    @Override
    public void draining(Link link) {
        told.add("draining");
    }

    @Override
    public void measured(Link link, Duration roundTrip) {
        told.add("measured " + roundTrip.toMillis());
    }

    @Override
    public Map<String, Long> refusals(Account account) {
        return Map.of("full", 3L);
    }

    @Override
    public void closed(Link link, String reason) {
        told.add("closed: " + reason);
    }
}
