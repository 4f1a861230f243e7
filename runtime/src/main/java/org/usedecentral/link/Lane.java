package org.usedecentral.link;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.proof.ProofScheme.Transcript;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Voucher;
import org.usedecentral.time.Timers;

/**
 * One attempt of a job on a worker's link, the orchestrator's end: opens what the worker sends, hashes it, counts it, hands it to the sink, and
 * acknowledges it by vouchers. The link's reader calls the {@code on…} methods; every other method may be called by any thread.
 */
public final class Lane {
    private static final Duration VOUCHER_INTERVAL = Duration.ofSeconds(1);

    private final int id;
    private final Spec spec;
    private final Link link;
    private final TokenSink sink;
    private final Events told;
    private final ReentrantLock lock = new ReentrantLock();
    private final FrameCipher cipher;
    private final RecordReader records;
    private final List<GenerationEvent> events = new ArrayList<>();
    private byte[] plain = new byte[1024];
    private int sequence;
    private int window;
    private int consumed;
    private int inputTokens = -1;
    private int outputTokens;
    private int vouchedTokens;
    private Timers.@Nullable Alarm voucherAlarm;
    private Instant lastFrame;
    private boolean ended;

    /**
     * What an attempt is about.
     *
     * @param outputCap the most output tokens the worker may count
     */
    public record Spec(
            JobId job, int attempt, AttemptPrice price, int outputCap, Bytes frameKey, Transcript transcript) {}

    /** What happens to a lane; told once each, on the link's reader or a timer: implementations do not block. */
    public interface Events {
        /** The first output has come. */
        void started(Lane lane);

        /** END has come and could be opened; its proof is not yet checked. */
        void ended(Lane lane, Completed completed);

        /** The attempt is over without END. */
        void failed(Lane lane, DecentralException error);
    }

    Lane(int id, Spec spec, Link link, TokenSink sink, Events events) {
        this.id = id;
        this.spec = spec;
        this.link = link;
        this.sink = sink;
        this.told = events;
        this.cipher = new FrameCipher(spec.frameKey(), spec.job(), spec.attempt());
        this.records = new RecordReader(spec.transcript());
        this.window = link.limits().windowBytes();
        this.lastFrame = link.timers().clock().instant();
    }

    int id() {
        return id;
    }

    public Account worker() {
        return link.worker();
    }

    public int attempt() {
        return spec.attempt();
    }

    /** What the worker delivered; read it only after {@code ended} or {@code failed}. */
    public Transcript transcript() {
        return spec.transcript();
    }

    /** Whether any of its output was handed on, so that no other attempt may follow. */
    public boolean isStarted() {
        return locked(() -> sequence > 0);
    }

    /** Output tokens relayed so far. */
    public int outputTokens() {
        return locked(() -> outputTokens);
    }

    /** As the worker counted them; 0 before it said so. */
    public int inputTokens() {
        return locked(() -> Math.max(0, inputTokens));
    }

    /** What has been relayed costs so much, base units. */
    public long price() {
        return locked(() -> spec.price().of(Math.max(0, inputTokens), outputTokens));
    }

    /** When the worker was last heard on this lane; the present while its window is shut, for then it may not speak. */
    public Instant lastFrame() {
        return locked(() -> window <= 0 ? link.timers().clock().instant() : lastFrame);
    }

    /** Tells the worker to stop; END or FAIL follows, or the link breaks. */
    public void cancel() {
        if (!locked(() -> ended)) {
            link.send(new Frame.Cancel(id));
        }
    }

    /** Ends the lane here: nothing that still comes is heard. */
    public void abandon() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }

    /** Stops the worker and ends the lane here, but only if no output has come; true if so. From then on none is handed on. */
    public boolean abandonUnstarted() {
        lock.lock();
        try {
            if (sequence > 0) {
                return false;
            }
            if (!ended) {
                end();
                link.trySend(new Frame.Cancel(id));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Signs a voucher for all that was relayed; empty when that costs nothing. */
    public Optional<SignedVoucher> lastVoucher(Signer orchestrator) {
        lock.lock();
        try {
            return outputTokens == 0 ? Optional.empty() : Optional.of(voucher(orchestrator));
        } finally {
            lock.unlock();
        }
    }

    void onAccept(Frame.Accept frame) {
        lock.lock();
        try {
            if (!ended && frame.inputTokens() >= 0) {
                inputTokens = frame.inputTokens();
                lastFrame = link.timers().clock().instant();
            }
        } finally {
            lock.unlock();
        }
    }

    void onTokens(byte[] frame, int offset, int length) {
        boolean first = false;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            FrameCipher.FrameHead head = SealedFrame.tokensHead(frame, offset, length);
            if (head.sequence() != sequence || inputTokens < 0) {
                throw new DecentralException(ErrorCode.PROOF_INVALID, "a sealed frame is out of order");
            }
            window -= length;
            if (window + length <= 0) {
                throw new DecentralException(ErrorCode.PROOF_INVALID, "the worker sent beyond its window");
            }
            int opened = open(head, frame, offset + SealedFrame.TOKENS_HEAD, length - SealedFrame.TOKENS_HEAD);
            events.clear();
            records.read(plain, opened, head.tokens(), events);
            outputTokens = counted(head.tokens());
            lastFrame = link.timers().clock().instant();
            first = sequence++ == 0;
            deliver(length);
            acknowledge();
        } catch (DecentralException e) {
            breakOff(e);
            return;
        } finally {
            lock.unlock();
        }
        if (first) {
            told.started(this);
        }
    }

    void onEnd(byte[] frame, int offset, int length) {
        Completed completed;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            int head = SealedFrame.END_HEAD;
            int opened = open(SealedFrame.endHead(sequence), frame, offset + head, length - head);
            completed = Json.read(plain, 0, opened, Completed.class);
            end();
        } catch (DecentralException e) {
            breakOff(e);
            return;
        } finally {
            lock.unlock();
        }
        told.ended(this, completed);
    }

    /** The attempt is over, for a reason that came by FAIL, from the link, or from here. */
    void fail(DecentralException error) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            end();
        } finally {
            lock.unlock();
        }
        told.failed(this, error);
    }

    /**
     * Fails after telling the worker to stop: it does not keep to the protocol, whatever code the check that found it out has. Called with the lock held,
     * once.
     */
    private void breakOff(DecentralException error) {
        end();
        link.trySend(new Frame.Cancel(id));
        told.failed(
                this,
                error.code() == ErrorCode.PROOF_INVALID
                        ? error
                        : new DecentralException(
                                ErrorCode.PROOF_INVALID,
                                "the worker's output is malformed: " + error.message(),
                                error));
    }

    private void end() {
        ended = true;
        link.remove(this);
        if (voucherAlarm != null) {
            voucherAlarm.cancel();
        }
    }

    private int open(FrameCipher.FrameHead head, byte[] frame, int offset, int length) {
        if (plain.length < length) {
            plain = new byte[Math.max(length, plain.length * 2)];
        }
        return cipher.open(head, frame, offset, length, plain);
    }

    /** What the worker counts costs, so that it may not count beyond what was asked for. */
    private int counted(int tokens) {
        int sum = outputTokens + tokens;
        if (sum < 0 || sum > spec.outputCap()) {
            throw new DecentralException(
                    ErrorCode.PROOF_INVALID, "the worker counts more than " + spec.outputCap() + " output tokens");
        }
        return sum;
    }

    /** Hands on what was read; the first event carries the frame's bytes. */
    private void deliver(int frameBytes) {
        if (events.isEmpty()) {
            giveBack(frameBytes);
        }
        int owed = frameBytes;
        for (GenerationEvent event : events) {
            sink.put(event, owed, this::giveBack);
            owed = 0;
        }
        events.clear();
    }

    /** A voucher every so many tokens; a second after the first token that has none otherwise. */
    private void acknowledge() {
        if (outputTokens - vouchedTokens >= link.limits().voucherTokens()) {
            sendVoucher();
        } else if (voucherAlarm == null && outputTokens > vouchedTokens) {
            // On a thread of its own, for a full wire blocks.
            voucherAlarm = link.timers().startAfter(VOUCHER_INTERVAL, "decentral-voucher", this::voucherDue);
        }
    }

    private void voucherDue() {
        lock.lock();
        try {
            if (!ended && outputTokens > vouchedTokens) {
                sendVoucher();
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendVoucher() {
        if (voucherAlarm != null) {
            voucherAlarm.cancel();
            voucherAlarm = null;
        }
        vouchedTokens = outputTokens;
        int bytes = consumed;
        consumed = 0;
        window += bytes;
        link.trySend(new Frame.Window(id, bytes, List.of(voucher(link.orchestrator()))));
    }

    private SignedVoucher voucher(Signer orchestrator) {
        Voucher voucher = Voucher.of(
                spec.job(),
                link.worker(),
                spec.attempt(),
                outputTokens,
                spec.price().of(Math.max(0, inputTokens), outputTokens));
        return new SignedVoucher(voucher, orchestrator.sign(voucher.encoded()));
    }

    /** The client has read so many bytes of frames. */
    private void giveBack(int bytes) {
        lock.lock();
        try {
            consumed += bytes;
            if (!ended && consumed >= link.limits().windowBytes() / 2) {
                int grant = consumed;
                consumed = 0;
                window += grant;
                link.trySend(new Frame.Window(id, grant, List.of()));
            }
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }
}
