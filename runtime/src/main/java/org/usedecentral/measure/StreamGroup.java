package org.usedecentral.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.TokenStream;

/** Runs requests at once, each pulled by a virtual thread of its own as a worker does. Used once, by one thread. */
final class StreamGroup {
    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    private final InferenceBackend backend;
    private final Sources sources;
    private final List<GenerationRequest> requests;
    private final @Nullable StreamTrace[] traces;
    private final @Nullable TokenStream[] open;
    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch done;
    private final AtomicInteger waitingForFirst;
    private final AtomicReference<GroupTrace.@Nullable Mark> flowing = new AtomicReference<>();
    private final AtomicReference<GroupTrace.@Nullable Mark> thinning = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean cancelled;

    /**
     * Where figures come from.
     *
     * @param nanoTime a clock that only goes on, in nanoseconds
     * @param limit of real time, after which streams are cancelled
     */
    record Sources(LongSupplier nanoTime, ProcessMeter meter, Duration limit) {
        GroupTrace.Mark mark() {
            ProcessMeter.Use use = meter.read();
            return new GroupTrace.Mark(nanoTime.getAsLong(), use);
        }
    }

    StreamGroup(InferenceBackend backend, List<GenerationRequest> requests, Sources sources) {
        this.backend = backend;
        this.requests = List.copyOf(requests);
        this.sources = sources;
        this.traces = new StreamTrace[requests.size()];
        this.open = new TokenStream[requests.size()];
        this.done = new CountDownLatch(requests.size());
        this.waitingForFirst = new AtomicInteger(requests.size());
    }

    /**
     * Runs all to their ends.
     *
     * @throws DecentralException what the first one failed with; {@code DEADLINE_EXCEEDED} after the limit
     */
    GroupTrace run() throws InterruptedException {
        for (int i = 0; i < requests.size(); i++) {
            int index = i;
            Thread.ofVirtual().name("decentral-measure-" + i).start(() -> read(index));
        }
        GroupTrace.Mark started = sources.mark();
        go.countDown();
        try {
            if (!done.await(sources.limit().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new DecentralException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        requests.size() + " streams did not end within "
                                + sources.limit().toSeconds() + " s");
            }
        } finally {
            cancel();
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw failed instanceof DecentralException known
                    ? known
                    : new DecentralException(ErrorCode.INTERNAL, "the engine failed: " + failed, failed);
        }
        return trace(started);
    }

    private GroupTrace trace(GroupTrace.Mark started) {
        List<StreamTrace> all = new ArrayList<>();
        for (StreamTrace trace : traces) {
            if (trace == null || trace.isEmpty()) {
                throw new DecentralException(ErrorCode.INTERNAL, "the engine ended a stream without any token");
            }
            all.add(trace);
        }
        GroupTrace.Mark flow = flowing.get();
        GroupTrace.Mark thin = thinning.get();
        if (flow == null || thin == null) {
            throw new IllegalStateException("every stream had tokens, but no first or last one was noted");
        }
        return new GroupTrace(all, started, flow, thin);
    }

    private void read(int index) {
        try {
            go.await();
            read(index, requests.get(index));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            done.countDown();
        }
    }

    private void read(int index, GenerationRequest request) throws InterruptedException {
        StreamTrace trace =
                new StreamTrace(request.maxOutputTokens(), sources.nanoTime().getAsLong());
        traces[index] = trace;
        try (TokenStream stream = backend.generate(request)) {
            keep(index, stream);
            while (true) {
                GenerationEvent event = stream.next();
                long now = sources.nanoTime().getAsLong();
                if (event instanceof GenerationEvent.Finished end) {
                    trace.ended(end.usage());
                    return;
                }
                if (event instanceof GenerationEvent.TextDelta delta) {
                    trace.said(delta.text());
                }
                int tokens = tokens(event);
                boolean first = trace.isEmpty() && tokens > 0;
                trace.came(now, tokens);
                if (first && waitingForFirst.decrementAndGet() == 0) {
                    flowing.set(new GroupTrace.Mark(now, sources.meter().read()));
                }
            }
        } finally {
            // The first end only: from then on the engine has less to do.
            if (thinning.get() == null && !trace.isEmpty()) {
                thinning.compareAndSet(
                        null, new GroupTrace.Mark(trace.last(), sources.meter().read()));
            }
        }
    }

    private static int tokens(GenerationEvent event) {
        return switch (event) {
            case GenerationEvent.TextDelta delta -> delta.tokens();
            case GenerationEvent.ToolCallDelta delta -> delta.tokens();
            case GenerationEvent.Finished _ -> 0;
        };
    }

    private void keep(int index, TokenStream stream) {
        synchronized (open) {
            open[index] = stream;
        }
        if (cancelled) {
            stream.close();
        }
    }

    private void fail(Throwable e) {
        if (failure.compareAndSet(null, e)) {
            closeAll();
        }
    }

    /** Ends what still runs, and waits until its readers have gone, so that nothing runs into the next round. */
    private void cancel() throws InterruptedException {
        closeAll();
        if (!done.await(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new DecentralException(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "a stream of backend " + backend.name() + " does not end when it is closed");
        }
    }

    private void closeAll() {
        cancelled = true;
        synchronized (open) {
            for (TokenStream stream : open) {
                if (stream != null) {
                    stream.close();
                }
            }
        }
    }
}
