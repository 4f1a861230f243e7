package org.usedecentral.orchestrator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.usedecentral.link.Frame;
import org.usedecentral.link.LinkHost;
import org.usedecentral.link.QueueSink;
import org.usedecentral.link.RequestCodec;
import org.usedecentral.link.SealedPayload;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.ledger.Committed;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.Sha256;
import org.usedecentral.spi.protocol.Terms;
import org.usedecentral.spi.protocol.WriteId;
import org.usedecentral.time.Timers;
import org.usedecentral.time.Underway;

/** Takes jobs and sees them through: the entry to this package. Thread-safe. */
public final class Orchestrator implements Jobs, AutoCloseable {
    private static final Logger LOG = System.getLogger(Orchestrator.class.getName());
    private static final int MAX_PAYLOAD = 1 << 20;
    private static final Duration LOCK_VALIDITY = Duration.ofSeconds(30);
    private static final Duration COUNT_LIMIT = Duration.ofSeconds(5);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);

    private final Parts parts;
    private final Pricing pricing;
    private final Directory directory;
    private final Router router;
    private final ReceiptStore receipts;
    private final Settler settler;
    private final Sweeper sweeper;
    private final JobMeters meters;
    private final AtomicInteger running = new AtomicInteger();
    private final Underway runs = new Underway();
    private volatile boolean draining;
    private volatile boolean closed;

    public Orchestrator(Parts parts) {
        this.parts = parts;
        this.pricing = parts.settings().pricing();
        this.directory = new Directory(parts);
        this.router = new Router(parts);
        this.receipts = new ReceiptStore(parts.directory());
        this.settler = new Settler(parts, receipts);
        this.sweeper = new Sweeper(parts);
        this.meters = new JobMeters(parts.meters());
    }

    /** Takes up what the last run left, and begins to sweep. */
    public void start() {
        meters.gauges(running::get, directory::links);
        settler.recover();
        sweeper.start();
    }

    /** The orchestrator as workers' links see it. */
    public LinkHost links() {
        return directory;
    }

    /** Completes when the first worker is linked. */
    public CompletableFuture<Void> firstLink() {
        return directory.firstLink().copy();
    }

    /** Jobs that run now. */
    public int running() {
        return running.get();
    }

    @Override
    public JobStream submit(Submission submission) {
        if (closed || draining) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "this node is stopping");
        }
        if (running.incrementAndGet() > parts.settings().maxJobs()) {
            running.decrementAndGet();
            meters.refused(ErrorCode.OVERLOADED);
            throw new DecentralException(
                    ErrorCode.OVERLOADED, "this node runs as many jobs as it may; try again later");
        }
        Job job;
        try {
            job = lock(submission);
        } catch (RuntimeException e) {
            running.decrementAndGet();
            meters.refused(e instanceof DecentralException coded ? coded.code() : ErrorCode.INTERNAL);
            throw e;
        }
        QueueSink sink = new QueueSink();
        JobRun run = new JobRun(new JobRun.Network(parts, directory, router, settler, meters), job, sink);
        runs.begin();
        Thread.ofVirtual().name("decentral-job").start(() -> {
            try {
                run.run();
            } finally {
                running.decrementAndGet();
                runs.end();
            }
        });
        return new ClientStream(job, run, sink);
    }

    /** Everything that can be refused is refused here, before the escrow. */
    private Job lock(Submission submission) {
        GenerationRequest wanted = submission.request();
        List<Candidate> candidates = directory.candidates(wanted.model());
        if (candidates.isEmpty()) {
            throw new DecentralException(
                            parts.settings().ceilings().models().containsKey(wanted.model())
                                            || directory.hasSeen(wanted.model())
                                    ? ErrorCode.NO_WORKER
                                    : ErrorCode.MODEL_NOT_FOUND,
                            "no worker hosts model " + wanted.model()
                                    + "; GET /v1/models lists those that can be asked for")
                    .at("model");
        }
        requireFeatures(wanted, candidates);
        ModelLimits limits = limits(candidates);
        Pricing.Bound bound = pricing.bound(wanted, limits);
        GenerationRequest request =
                wanted.toBuilder().maxOutputTokens(bound.maxOutputTokens()).build();
        Instant now = parts.now();
        Routing routing = new Routing(
                request,
                bound,
                pricing.ceiling(wanted.model()),
                Set.of(),
                new Routing.Span(now, parts.settings().timeouts().job()));
        Router.Decision decision = router.pick(routing, candidates);
        Candidate likely = decision.worker().orElseThrow(() -> {
            decision.refusals().forEach(directory::refused);
            return new DecentralException(ErrorCode.NO_WORKER, "no worker can take the job now: " + decision.summary());
        });
        Bytes payload = RequestCodec.encode(request);
        if (payload.length() > MAX_PAYLOAD) {
            throw new DecentralException(ErrorCode.CONTEXT_TOO_LONG, "the request is above 1 MiB").at("messages");
        }
        SealedPayload.Plaintext plaintext = new SealedPayload.Plaintext(
                parts.random32(), submission.clientBodySha256().orElseGet(() -> Sha256.of(payload)), payload);
        if (bound.inputCap() >= limits.contextTokens()) {
            requireFits(plaintext, likely, limits);
        }
        Terms terms = terms(submission, routing, plaintext);
        Committed lock = parts.ledger()
                .escrows()
                .lock(WriteId.derived("lock", terms.jobId().value()), terms, parts.spender(), parts.signer());
        return new Job(terms, lock, routing, plaintext, now);
    }

    private Terms terms(Submission submission, Routing routing, SealedPayload.Plaintext plaintext) {
        return Terms.builder()
                .ledger(parts.ledger().id())
                .payer(submission.payer(), parts.spender().account())
                .orchestrator(parts.signer().account())
                .nonce(parts.random32())
                .requestCommitment(plaintext.commitment())
                .caps(routing.bound().inputCap(), routing.bound().outputCap())
                .ceiling(routing.ceiling())
                .timeoutSeconds((int) parts.settings().timeouts().job().toSeconds())
                .validUntil(parts.ledger().time().plus(LOCK_VALIDITY))
                .proofScheme(parts.proofScheme().id())
                .build();
    }

    private static void requireFeatures(GenerationRequest request, List<Candidate> candidates) {
        DecentralException missing = null;
        for (Candidate candidate : candidates) {
            try {
                request.requireFeaturesOf(candidate.model());
                return;
            } catch (DecentralException e) {
                missing = e;
            }
        }
        if (missing != null) {
            throw missing;
        }
    }

    /** The widest context and the largest overhead: a bound for whichever worker is picked. */
    private static ModelLimits limits(List<Candidate> candidates) {
        int context = 1;
        int output = 1;
        int overhead = 0;
        for (Candidate candidate : candidates) {
            ModelLimits limits = candidate.model().limits();
            context = Math.max(context, limits.contextTokens());
            output = Math.max(output, limits.maxOutputTokens());
            overhead = Math.max(overhead, limits.templateOverheadTokens());
        }
        return new ModelLimits(context, output, overhead);
    }

    /** Bytes alone cannot tell whether the prompt fits: the likely worker counts its tokens, before any money moves. */
    private void requireFits(SealedPayload.Plaintext plaintext, Candidate worker, ModelLimits limits) {
        JobId nonce = new JobId(parts.random32());
        SealedPayload.Binding binding = new SealedPayload.Binding(
                nonce, 0, worker.account(), worker.offer().sha256());
        SealedPayload sealed = SealedPayload.seal(
                        plaintext, worker.offer().advert().sessionKey(), binding)
                .payload();
        CompletableFuture<Frame.Counted> answer = worker.link().count(nonce, sealed);
        Timers.Alarm alarm = parts.timers().after(COUNT_LIMIT, () -> answer.cancel(false));
        try {
            Frame.Counted counted = answer.get();
            if (counted.inputTokens() < 0) {
                requireCounting(new Frame.Fail(0, counted.code(), counted.message()).error());
            }
            if (counted.inputTokens() >= limits.contextTokens()) {
                throw new DecentralException(
                                ErrorCode.CONTEXT_TOO_LONG,
                                "the prompt has " + counted.inputTokens() + " tokens; the model's context has "
                                        + limits.contextTokens())
                        .at("messages");
            }
        } catch (ExecutionException | CancellationException e) {
            throw new DecentralException(ErrorCode.NO_WORKER, "the worker did not count the prompt's tokens", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted", e);
        } finally {
            alarm.cancel();
        }
    }

    /** An engine that cannot count leaves the question to the worker that generates: a prompt too long fails there, and is refunded. */
    private static void requireCounting(DecentralException refusal) {
        if (refusal.code() != ErrorCode.UNSUPPORTED_FEATURE) {
            throw refusal;
        }
    }

    @Override
    public List<ModelOffer> models() {
        return directory.models(pricing);
    }

    @Override
    public Optional<EscrowedJob> find(JobId job) {
        return parts.ledger().escrows().find(job);
    }

    @Override
    public Optional<SignedReceipt> receipt(JobId job) {
        return receipts.find(job);
    }

    /** Takes no new jobs from now on; those that run go on. */
    public void drain() {
        draining = true;
    }

    /**
     * Waits until no job runs; {@link #drain} comes first.
     *
     * @param limit of real time
     * @return false if jobs still run when the limit is over or the thread is interrupted
     */
    public boolean awaitDrained(Duration limit) {
        return runs.awaitNone(limit);
    }

    /** No new jobs; links are closed, which ends those that run; writes under way are waited for. */
    @Override
    public void close() {
        closed = true;
        sweeper.close();
        directory.close();
        if (!runs.awaitNone(CLOSE_LIMIT)) {
            LOG.log(Level.WARNING, "jobs that have not ended are left to the next start: {0}", running.get());
        }
        settler.close();
        meters.close();
    }
}
