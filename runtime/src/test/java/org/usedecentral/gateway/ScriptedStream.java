package org.usedecentral.gateway;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.receipt.ReceiptFixture;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TransactionId;

/** A job whose events a test says, one by one or all at once. */
final class ScriptedStream implements JobStream {
    static final TransactionId LOCK = new TransactionId(Bytes.zeros(32));

    private final BlockingQueue<Object> said = new LinkedBlockingQueue<>();
    private final CountDownLatch committed = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);
    private final SignedReceipt receipt = ReceiptFixture.pending();

    ScriptedStream text(String... pieces) {
        for (String piece : pieces) {
            say(new GenerationEvent.TextDelta(0, PartKind.TEXT, piece, 1, List.of()));
        }
        return this;
    }

    ScriptedStream say(GenerationEvent event) {
        said.add(event);
        committed.countDown();
        return this;
    }

    ScriptedStream stop() {
        return say(new GenerationEvent.Finished(List.of(FinishReason.STOP), new Usage(20, 6, 4, 0)));
    }

    ScriptedStream fail(RuntimeException failure) {
        said.add(failure);
        committed.countDown();
        return this;
    }

    /** Two seconds passed since the lock. */
    void commit() {
        committed.countDown();
    }

    boolean awaitClosed() throws InterruptedException {
        return closed.await(20, TimeUnit.SECONDS);
    }

    @Override
    public JobId jobId() {
        return receipt.receipt().job();
    }

    @Override
    public TransactionId lockTransaction() {
        return LOCK;
    }

    @Override
    public void awaitCommit() throws InterruptedException {
        if (!committed.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the test said nothing");
        }
        if (said.peek() instanceof RuntimeException failure) {
            throw failure;
        }
    }

    @Override
    public SignedReceipt receipt() {
        return receipt;
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        Object next = said.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new IllegalStateException("the test said nothing");
        }
        return event(next);
    }

    @Override
    public @Nullable GenerationEvent poll() {
        Object next = said.poll();
        return next == null ? null : event(next);
    }

    private static GenerationEvent event(Object said) {
        if (said instanceof RuntimeException failure) {
            throw failure;
        }
        return (GenerationEvent) said;
    }

    @Override
    public int inputTokens() {
        return 20;
    }

    @Override
    public void close() {
        closed.countDown();
        said.add(new DecentralException(ErrorCode.CANCELLED, "closed"));
    }
}
