package org.usedecentral.orchestrator;

import org.jspecify.annotations.Nullable;
import org.usedecentral.link.QueueSink;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.TransactionId;

/** A job's client end: reads the sink that its lanes feed. */
final class ClientStream implements JobStream {
    private final Job job;
    private final JobRun run;
    private final QueueSink sink;

    ClientStream(Job job, JobRun run, QueueSink sink) {
        this.job = job;
        this.run = run;
        this.sink = sink;
    }

    @Override
    public JobId jobId() {
        return job.id();
    }

    @Override
    public TransactionId lockTransaction() {
        return job.lock().transaction();
    }

    @Override
    public void awaitCommit() throws InterruptedException {
        sink.awaitOpen();
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        return sink.take();
    }

    @Override
    public @Nullable GenerationEvent poll() {
        return sink.poll();
    }

    @Override
    public int inputTokens() {
        return run.inputTokens();
    }

    @Override
    public SignedReceipt receipt() {
        return run.receipt().orElseThrow(() -> new IllegalStateException("the job has not finished"));
    }

    /** The sink fails at once; the worker is told to stop and paid for what it sent. */
    @Override
    public void close() {
        sink.fail(new DecentralException(ErrorCode.CANCELLED, "the stream was closed"));
        run.clientLeft();
    }
}
