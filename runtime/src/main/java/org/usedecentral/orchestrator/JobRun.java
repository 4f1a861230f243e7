package org.usedecentral.orchestrator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.Completed;
import org.usedecentral.link.Lane;
import org.usedecentral.link.Link;
import org.usedecentral.link.QueueSink;
import org.usedecentral.receipt.Evidence;
import org.usedecentral.receipt.Receipt;
import org.usedecentral.receipt.Settlement;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.receipt.Summary;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.time.Timers;

/**
 * The control loop of one job, on a virtual thread of its own, so that a client that reads slowly delays no settlement: opens an attempt, waits for
 * what becomes of it, opens the next one or hands the verified end to the settler. Tokens do not pass through it: they go from the lane to the sink.
 */
final class JobRun implements Lane.Events {
    private static final Logger LOG = System.getLogger(JobRun.class.getName());
    private static final Duration LAST_CALL = Duration.ofSeconds(5);
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(2);

    /** What only a backend can find wrong with a request that was checked before. Another worker would say the same. */
    private static final Set<ErrorCode> CLIENTS_FAULTS =
            Set.of(ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_FEATURE, ErrorCode.CONTEXT_TOO_LONG);

    private final Network network;
    private final Parts parts;
    private final Job job;
    private final QueueSink sink;
    private final BlockingQueue<Signal> inbox = new LinkedBlockingQueue<>();
    private final List<Timers.Alarm> alarms = new ArrayList<>();
    private final Set<Account> tried = new HashSet<>();
    private final List<SignedVoucher> vouchers = new ArrayList<>();
    private volatile @Nullable SignedReceipt receipt;
    private volatile int inputTokens;
    private boolean leaving;

    /** Whom a job's control loop works with. */
    record Network(Parts parts, Directory directory, Router router, Settler settler, JobMeters meters) {}

    /** What wakes the loop; those of an earlier attempt are passed over. */
    private sealed interface Signal {
        record Started(int attempt) implements Signal {}

        record Ended(int attempt, Completed completed) implements Signal {}

        record Failed(int attempt, DecentralException error) implements Signal {}

        record StartTimeout(int attempt) implements Signal {}

        record StallCheck(int attempt) implements Signal {}

        record Deadline() implements Signal {}

        record ClientLeft() implements Signal {}

        record CancelTimeout() implements Signal {}
    }

    JobRun(Network network, Job job, QueueSink sink) {
        this.network = network;
        this.parts = network.parts();
        this.job = job;
        this.sink = sink;
    }

    /** Any thread: the client does not want the rest. */
    void clientLeft() {
        inbox.add(new Signal.ClientLeft());
    }

    Optional<SignedReceipt> receipt() {
        return Optional.ofNullable(receipt);
    }

    int inputTokens() {
        return inputTokens;
    }

    @Override
    public void started(Lane lane) {
        inputTokens = lane.inputTokens();
        inbox.add(new Signal.Started(lane.attempt()));
    }

    @Override
    public void ended(Lane lane, Completed completed) {
        inbox.add(new Signal.Ended(lane.attempt(), completed));
    }

    @Override
    public void failed(Lane lane, DecentralException error) {
        inbox.add(new Signal.Failed(lane.attempt(), error));
    }

    /** From the lock to the end of the job. */
    void run() {
        Duration left = Duration.between(parts.now(), job.refundAfter()).minus(LAST_CALL);
        alarm(left, new Signal.Deadline());
        alarms.add(parts.timers().after(parts.settings().timeouts().commit(), sink::open));
        try {
            int number = 0;
            while (!finished(next(number))) {
                number++;
            }
        } catch (DecentralException e) {
            end(e);
        } catch (InterruptedException e) {
            end(new DecentralException(ErrorCode.CANCELLED, "the orchestrator stops", e));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "job " + job.id() + " failed inside the orchestrator", e);
            end(new DecentralException(ErrorCode.INTERNAL, "the orchestrator failed", e));
        } finally {
            alarms.forEach(Timers.Alarm::cancel);
        }
    }

    /** Opens an attempt on the next worker. */
    private Attempt next(int number) {
        Instant now = parts.now();
        Routing routing = new Routing(
                job.routing().request(),
                job.routing().bound(),
                job.routing().ceiling(),
                tried,
                new Routing.Span(now, Duration.between(now, job.refundAfter())));
        Router.Decision decision =
                network.router().pick(routing, network.directory().candidates(routing.model()));
        decision.refusals().forEach(network.directory()::refused);
        Candidate worker = decision.worker()
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.NO_WORKER,
                        number == 0
                                ? "no worker can take the job now: " + decision.summary()
                                : "no further worker can take the job: " + decision.summary()));
        tried.add(worker.account());
        LOG.log(Level.DEBUG, "job {0} attempt {1}: worker {2}", job.id(), number, worker.account());
        Attempt attempt = new Attempt(parts, job, number, worker, job.terms().locked());
        alarm(parts.settings().timeouts().start(), new Signal.StartTimeout(number));
        try {
            attempt.open(new Link.LaneEnds(sink, this));
        } catch (DecentralException e) {
            inbox.add(new Signal.Failed(number, e));
        }
        return attempt;
    }

    /** Follows an attempt; true when the job is finished, false when another attempt is due; throws what ends the job. */
    private boolean finished(Attempt attempt) throws InterruptedException {
        while (true) {
            switch (inbox.take()) {
                case Signal.Started(int of) when of == attempt.number() -> started(attempt);
                case Signal.Ended(int of, Completed completed)
                when of == attempt.number() -> {
                    return proved(attempt, completed);
                }
                case Signal.Failed(int of, DecentralException error)
                when of == attempt.number() -> {
                    return failed(attempt, error);
                }
                case Signal.StartTimeout(int of)
                when of == attempt.number() -> {
                    if (attempt.dropUnstarted()) {
                        return failed(attempt, startTimeout(attempt));
                    }
                }
                case Signal.StallCheck(int of) when of == attempt.number() && !leaving -> checkStall(attempt);
                case Signal.Deadline ignored -> {
                    drop(attempt);
                    throw last(attempt, deadline());
                }
                case Signal.CancelTimeout ignored -> {
                    drop(attempt);
                    throw last(attempt, cancelled());
                }
                case Signal.ClientLeft ignored
                when !leaving -> {
                    leaving = true;
                    leave(attempt);
                }
                default -> LOG.log(Level.TRACE, "job {0}: a signal of an earlier attempt", job.id());
            }
        }
    }

    private void started(Attempt attempt) {
        attempt.markStarted();
        network.meters().started(job.routing().model(), age());
        alarm(parts.settings().timeouts().stall(), new Signal.StallCheck(attempt.number()));
    }

    /** The worker answers with END for what it sent, or FAIL: that is waited for, but not long. */
    private void leave(Attempt attempt) {
        if (attempt.isOpen()) {
            try {
                attempt.lane().cancel();
            } catch (DecentralException e) {
                LOG.log(Level.DEBUG, "CANCEL not sent: {0}", e.message());
            }
        }
        alarm(CANCEL_LIMIT, new Signal.CancelTimeout());
    }

    private void checkStall(Attempt attempt) {
        Duration limit = parts.settings().timeouts().stall();
        Duration silent = Duration.between(attempt.lane().lastFrame(), parts.now());
        if (silent.compareTo(limit) >= 0) {
            drop(attempt);
            inbox.add(new Signal.Failed(
                    attempt.number(),
                    new DecentralException(ErrorCode.UNAVAILABLE, "the worker stopped in the middle of its answer")));
        } else {
            alarm(limit.minus(silent), new Signal.StallCheck(attempt.number()));
        }
    }

    private void drop(Attempt attempt) {
        if (attempt.isOpen()) {
            Lane lane = attempt.lane();
            try {
                lane.cancel();
            } catch (DecentralException e) {
                LOG.log(Level.DEBUG, "CANCEL not sent: {0}", e.message());
            }
            lane.abandon();
        }
    }

    /** An attempt ended without a good END: false when another one may follow, since nothing was relayed; throws otherwise. */
    private boolean failed(Attempt attempt, DecentralException error) {
        boolean clientsFault = CLIENTS_FAULTS.contains(error.code());
        if (!clientsFault && !leaving) {
            network.directory().suspend(attempt.worker(), error.message());
        }
        if (attempt.isStarted() || clientsFault || leaving) {
            throw last(attempt, error);
        }
        LOG.log(Level.INFO, "job {0} is rerouted from {1}: {2}", job.id(), attempt.worker(), error.message());
        network.meters().rerouted(error.code());
        return false;
    }

    /** No attempt follows: what this one relayed is acknowledged by a last voucher. */
    private DecentralException last(Attempt attempt, DecentralException error) {
        vouchers.addAll(attempt.vouchers());
        return error;
    }

    private boolean proved(Attempt attempt, Completed completed) {
        String objection = attempt.objection(completed);
        if (objection != null) {
            DecentralException error =
                    new DecentralException(ErrorCode.PROOF_INVALID, "the worker's proof does not hold: " + objection);
            return failed(attempt, error);
        }
        vouchers.addAll(attempt.vouchers());
        network.directory().speeds(attempt.worker(), attempt.prefillSpeed(), attempt.decodeSpeed());
        inputTokens = attempt.lane().inputTokens();
        Statement statement = Statement.decode(completed.statement());
        SignedStatement signed = new SignedStatement(statement, completed.signature());
        Summary summary = new Summary(
                job.routing().model().value(),
                new Summary.Tokens(statement.inputTokens(), statement.outputTokens()),
                statement.price(),
                new Summary.Times(job.created(), later(job.created())),
                Optional.empty());
        SignedReceipt pending = receipt(List.of(signed), Settlement.State.PENDING, summary);
        network.settler().settle(pending);
        receipt = pending;
        network.meters().proved(job.routing().model(), age(), completed.tokens());
        sink.finish(new GenerationEvent.Finished(completed.finishReasons(), completed.tokens()));
        return true;
    }

    /** The job ends with an error: the client hears it, workers get what their vouchers say, the payer the rest. */
    private void end(DecentralException error) {
        long price = vouchers.stream().mapToLong(v -> v.voucher().price()).sum();
        int tokens = vouchers.stream().mapToInt(v -> v.voucher().outputTokens()).sum();
        Settlement.State state = price > 0 ? Settlement.State.UNPROVED : Settlement.State.REFUNDED;
        Summary summary = new Summary(
                job.routing().model().value(),
                new Summary.Tokens(Math.min(inputTokens, job.terms().inputCap()), tokens),
                price,
                new Summary.Times(job.created(), later(job.created())),
                Optional.empty());
        try {
            SignedReceipt released = receipt(List.of(), state, summary);
            receipt = released;
            network.settler().release(released);
        } catch (DecentralException e) {
            LOG.log(Level.ERROR, "job {0} is left to the sweeper: {1}", job.id(), e.message());
        }
        network.meters().failed(job.routing().model(), age(), error.code());
        LOG.log(Level.INFO, "job {0} ended: {1}: {2}", job.id(), error.code(), error.message());
        sink.fail(error);
    }

    private SignedReceipt receipt(List<SignedStatement> statements, Settlement.State state, Summary summary) {
        return SignedReceipt.of(
                new Receipt(
                        job.terms(),
                        Optional.of(job.openings()),
                        new Evidence(vouchers, statements),
                        new Settlement(state, job.lock().transaction(), null),
                        summary),
                parts.signer());
    }

    private Duration age() {
        return Duration.between(job.created(), later(job.created()));
    }

    private Instant later(Instant created) {
        Instant now = parts.now();
        return now.isBefore(created) ? created : now;
    }

    private DecentralException startTimeout(Attempt attempt) {
        return new DecentralException(
                ErrorCode.START_TIMEOUT,
                "worker " + attempt.worker() + " sent nothing for "
                        + parts.settings().timeouts().start().toMillis() + " ms");
    }

    private DecentralException deadline() {
        return new DecentralException(
                ErrorCode.DEADLINE_EXCEEDED, "the job's " + job.terms().timeoutSeconds() + " s are over");
    }

    private static DecentralException cancelled() {
        return new DecentralException(ErrorCode.CANCELLED, "the client left");
    }

    private void alarm(Duration delay, Signal signal) {
        alarms.add(parts.timers().after(delay, () -> inbox.add(signal)));
    }
}
