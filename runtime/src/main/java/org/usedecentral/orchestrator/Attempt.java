package org.usedecentral.orchestrator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.AttemptPrice;
import org.usedecentral.link.Completed;
import org.usedecentral.link.Frame;
import org.usedecentral.link.Lane;
import org.usedecentral.link.Link;
import org.usedecentral.link.SealedPayload;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.proof.ProofScheme.Verification;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Voucher;

/** One try of a job on one worker. Used by the job's own thread. */
final class Attempt {
    private final Parts parts;
    private final Job job;
    private final int number;
    private final Candidate worker;
    private final AttemptPrice price;
    private final Instant opened;
    private @Nullable Lane lane;
    private @Nullable Instant started;

    Attempt(Parts parts, Job job, int number, Candidate worker, long budget) {
        this.parts = parts;
        this.job = job;
        this.number = number;
        this.worker = worker;
        this.price = new AttemptPrice(worker.prices(), job.terms().inputCap(), budget);
        this.opened = parts.now();
    }

    /**
     * Seals the request to the worker and assigns it, with voucher 0/0.
     *
     * @throws DecentralException {@code UNAVAILABLE} if that cannot be done: the client's request was found good before
     */
    void open(Link.LaneEnds ends) {
        SealedPayload.Binding binding = new SealedPayload.Binding(
                job.id(), number, worker.account(), worker.offer().sha256());
        SealedPayload.Sealed sealed = seal(binding);
        Voucher voucher = Voucher.of(job.id(), worker.account(), number, 0, 0);
        Frame.Assignment assignment = new Frame.Assignment(
                job.terms().encoded(),
                job.lock().transaction(),
                price.budget(),
                voucher.encoded(),
                parts.signer().sign(voucher.encoded()));
        ProofScheme.Transcript transcript = parts.proofScheme()
                .newTranscript(job.plaintext().salt(), job.routing().request().choices());
        Lane.Spec spec = new Lane.Spec(job.id(), number, price, job.terms().outputCap(), sealed.frameKey(), transcript);
        lane = worker.link().open(spec, assignment, sealed.payload(), ends);
    }

    private SealedPayload.Sealed seal(SealedPayload.Binding binding) {
        try {
            return SealedPayload.seal(job.plaintext(), worker.offer().advert().sessionKey(), binding);
        } catch (DecentralException e) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the worker's advert has no usable session key: " + e.message(), e);
        }
    }

    int number() {
        return number;
    }

    Account worker() {
        return worker.account();
    }

    Lane lane() {
        Lane current = lane;
        if (current == null) {
            throw new IllegalStateException("the attempt is not open");
        }
        return current;
    }

    boolean isOpen() {
        return lane != null;
    }

    void markStarted() {
        started = parts.now();
    }

    /** Whether the client may have seen output of this attempt; the lane knows it before the job's thread is told. */
    boolean isStarted() {
        return lane != null && lane.isStarted();
    }

    /** Gives the worker up, but only if nothing has come from it; true if so. */
    boolean dropUnstarted() {
        return lane == null || lane.abandonUnstarted();
    }

    /** The newest voucher, if anything was relayed. */
    List<SignedVoucher> vouchers() {
        return lane == null
                ? List.of()
                : lane.lastVoucher(parts.signer()).stream().toList();
    }

    /**
     * Holds the worker's statement against the terms, against the output that was relayed, and against the price computed here.
     *
     * @return null if all agree, else what does not
     */
    @Nullable String objection(Completed completed) {
        Assignment assignment = new Assignment(job.terms(), worker.account(), number, worker.modelDigest());
        ProofScheme.Proof proof =
                new ProofScheme.Proof(parts.proofScheme().algorithm(), completed.statement(), completed.signature());
        Verification verification = parts.proofScheme().verify(proof, assignment, lane().transcript());
        return switch (verification) {
            case Verification.Invalid(ProofScheme.Reason reason, String detail) -> reason + ": " + detail;
            case Verification.Valid(ProofScheme.Claims claims) -> objection(completed, claims);
        };
    }

    private @Nullable String objection(Completed completed, ProofScheme.Claims claims) {
        int output = lane().outputTokens();
        int input = lane().inputTokens();
        if (claims.outputTokens() != output || completed.tokens().outputTokens() != output) {
            return "TOKENS: " + output + " were relayed, " + claims.outputTokens() + " are stated";
        }
        if (claims.inputTokens() != price.billedInput(input)) {
            return "TOKENS: " + input + " input tokens were accepted, " + claims.inputTokens() + " are stated";
        }
        if (claims.price() != price.of(input, output)) {
            return "PRICE: " + claims.price() + " is stated, " + price.of(input, output) + " is due";
        }
        List<FinishReason> reasons = completed.finishReasons();
        return reasons.size() == job.routing().request().choices()
                ? null
                : "TOKENS: a finish reason a choice is needed";
    }

    /** Prefill speed in tokens a second, as seen from here. */
    double prefillSpeed() {
        return started == null ? 0 : speed(lane().inputTokens(), Duration.between(opened, started));
    }

    /** Decode speed in tokens a second, as seen from here. */
    double decodeSpeed() {
        return started == null ? 0 : speed(lane().outputTokens(), Duration.between(started, parts.now()));
    }

    private static double speed(int tokens, Duration time) {
        return time.toNanos() <= 0 ? 0 : tokens * 1e9 / time.toNanos();
    }

    /** The model's digest, as the receipt names it. */
    Bytes modelDigest() {
        return worker.modelDigest();
    }
}
