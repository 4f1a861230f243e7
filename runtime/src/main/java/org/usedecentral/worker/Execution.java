package org.usedecentral.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.AttemptPrice;
import org.usedecentral.link.Completed;
import org.usedecentral.link.Frame;
import org.usedecentral.link.FrameCipher;
import org.usedecentral.link.RecordWriter;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.ledger.EscrowedJob;
import org.usedecentral.spi.proof.Completion;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.time.Timers;

/** Runs one assigned attempt, on a virtual thread of its own: generate, gather, send, prove. */
final class Execution {
    private static final Logger LOG = System.getLogger(Execution.class.getName());
    private static final Duration STOP_BEFORE_END = Duration.ofSeconds(10);
    private static final Duration LEDGER_INTERVAL = Duration.ofSeconds(10);

    private final JobExecutor.Context context;
    private final WorkerParts parts;
    private final CheckedJob job;
    private final WorkerLane lane;
    private final int laneId;
    private final RecordWriter writer;
    private final ProofScheme.Transcript transcript;
    private final AttemptPrice price;
    private int sentTokens;
    private long firstNanos;
    private int inputTokens = -1;
    private volatile Timers.@Nullable Alarm ledgerAlarm;

    Execution(JobExecutor.Context context, CheckedJob job, WorkerLane lane, int laneId) {
        this.context = context;
        this.parts = context.parts();
        this.job = job;
        this.lane = lane;
        this.laneId = laneId;
        this.price = job.price();
        this.transcript =
                parts.proofScheme().newTranscript(job.salt(), job.request().choices());
        this.writer = new RecordWriter(new FrameCipher(job.frameKey(), job.id(), job.attempt()), transcript);
    }

    /** From the first token to END; throws what becomes a FAIL. */
    WorkerTally.Sample run() throws InterruptedException {
        Instant refundAfter = checkEscrow();
        Duration left = Duration.between(parts.ledger().time(), refundAfter).minus(STOP_BEFORE_END);
        if (left.isNegative()) {
            throw new DecentralException(ErrorCode.DEADLINE_EXCEEDED, "too little of the job's time is left");
        }
        Timers.Alarm deadline =
                parts.timers().startAfter(left, "decentral-stop", () -> lane.stop(WorkerLane.Stop.DEADLINE));
        watchEscrow(refundAfter);
        long begun = System.nanoTime();
        try (TokenStream stream = context.backend(job.request().model()).generate(job.request())) {
            lane.attach(stream);
            firstNanos = begun;
            GenerationEvent.@Nullable Finished finished = relay(stream);
            long last = System.nanoTime();
            Usage usage = end(finished);
            return new WorkerTally.Sample(job.request().model(), usage, firstNanos - begun, last - firstNanos);
        } finally {
            deadline.cancel();
            Timers.Alarm alarm = ledgerAlarm;
            if (alarm != null) {
                alarm.cancel();
            }
        }
    }

    /** The newest voucher for this attempt. */
    SignedVoucher newestVoucher() {
        return lane.newest();
    }

    /** Sends what the engine makes; null when it had to stop before the end. */
    private GenerationEvent.@Nullable Finished relay(TokenStream stream) throws InterruptedException {
        try {
            GenerationEvent event = stream.next();
            firstNanos = System.nanoTime();
            inputTokens = stream.inputTokens();
            lane.accepted(price, inputTokens);
            context.send(new Frame.Accept(laneId, inputTokens));
            while (true) {
                GenerationEvent.Finished finished = gather(stream, event);
                if (finished != null) {
                    int silent = finished.usage().outputTokens() - sentTokens - writer.tokens();
                    if (silent < 0) {
                        throw new DecentralException(ErrorCode.INTERNAL, "the engine counts fewer tokens than it sent");
                    }
                    writer.addTokens(silent);
                }
                if (!writer.isEmpty()) {
                    flush();
                }
                if (finished != null) {
                    return finished;
                }
                event = stream.next();
            }
        } catch (DecentralException e) {
            if (lane.stopped() == WorkerLane.Stop.NONE) {
                throw e;
            }
            writer.discard();
            return null;
        }
    }

    /** Adds the event and whatever is there already, up to a frame's worth; Finished if that was among it. */
    private GenerationEvent.@Nullable Finished gather(TokenStream stream, GenerationEvent first) {
        GenerationEvent event = first;
        while (event != null) {
            if (event instanceof GenerationEvent.Finished finished) {
                return finished;
            }
            writer.add(event);
            event = writer.isFull() ? null : stream.poll();
        }
        return null;
    }

    private void flush() throws InterruptedException {
        lane.awaitTurn(sentTokens);
        sentTokens += writer.tokens();
        byte[] frame = writer.seal(laneId);
        lane.sent(frame.length);
        context.send(frame);
    }

    private Usage end(GenerationEvent.@Nullable Finished finished) {
        WorkerLane.Stop stopped = lane.stopped();
        if (finished == null && (stopped == WorkerLane.Stop.LOST || sentTokens == 0)) {
            throw new DecentralException(
                    stopped == WorkerLane.Stop.DEADLINE ? ErrorCode.DEADLINE_EXCEEDED : ErrorCode.CANCELLED,
                    "stopped: " + stopped);
        }
        int input = Math.max(0, inputTokens);
        Usage usage = finished == null ? new Usage(input, sentTokens) : finished.usage();
        List<FinishReason> reasons = finished == null
                ? Collections.nCopies(job.request().choices(), FinishReason.LENGTH)
                : finished.reasons();
        Usage billed = new Usage(price.billedInput(input), sentTokens);
        ProofScheme.Proof proof = parts.proofScheme()
                .prove(
                        job.assignment(),
                        new Completion(reasons, billed, price.of(input, sentTokens)),
                        transcript,
                        parts.signer());
        context.journal()
                .stated(job.key(), new SignedStatement(Statement.decode(proof.statement()), proof.signature()));
        context.send(writer.sealEnd(laneId, Completed.of(reasons, usage, proof.statement(), proof.signature())));
        LOG.log(Level.DEBUG, "job {0} attempt {1}: {2} tokens", job.id(), job.attempt(), sentTokens);
        return usage;
    }

    /** The job is locked on the ledger as the orchestrator says, and pays for this attempt; returns when its escrow ends. */
    private Instant checkEscrow() {
        EscrowedJob locked = find().orElseThrow(() -> lost("the ledger knows no such job"));
        if (!locked.terms().equals(job.terms()) || !locked.lockTransaction().equals(job.lock())) {
            throw lost("the ledger has other terms or another lock transaction");
        }
        if (locked.status().state() != EscrowedJob.State.LOCKED
                || locked.funds().remaining() < price.budget()) {
            throw lost("the escrow does not cover this attempt any more");
        }
        return locked.status().refundAfter();
    }

    private Optional<EscrowedJob> find() {
        return parts.ledger().escrows().find(job.id());
    }

    private static DecentralException lost(String why) {
        return new DecentralException(ErrorCode.PROOF_INVALID, why);
    }

    private void watchEscrow(Instant refundAfter) {
        ledgerAlarm = parts.timers().startAfter(LEDGER_INTERVAL, "decentral-escrow", () -> checkAgain(refundAfter));
    }

    private void checkAgain(Instant refundAfter) {
        try {
            Optional<EscrowedJob> now = find();
            boolean covered = now.isPresent()
                    && now.get().status().state() == EscrowedJob.State.LOCKED
                    && now.get().funds().remaining() >= price.budget()
                    && !now.get().status().refundAfter().isBefore(refundAfter);
            if (!covered) {
                LOG.log(Level.WARNING, "job {0}: its escrow went away while it ran", job.id());
                lane.stop(WorkerLane.Stop.LOST);
                return;
            }
        } catch (DecentralException e) {
            LOG.log(Level.WARNING, "job {0}: the ledger does not answer: {1}", job.id(), e.message());
        }
        watchEscrow(refundAfter);
    }
}
