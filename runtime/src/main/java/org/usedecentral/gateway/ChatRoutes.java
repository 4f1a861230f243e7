package org.usedecentral.gateway;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.orchestrator.Jobs;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.time.Timers;

/** Chat completions: a request becomes a job, its events become the answer. Thread-safe. */
final class ChatRoutes {
    private static final HeaderName JOB_ID = HeaderNames.create("x-decentral-job-id");
    private static final HeaderName ESCROW_SIGNATURE = HeaderNames.create("x-decentral-escrow-signature");
    private static final HeaderName PROXY_BUFFERING = HeaderNames.create("x-accel-buffering");
    private static final int BUFFER = 1_024;

    /** Beyond it events are sent although more are there. */
    private static final int COALESCE = 16 * 1024;

    private final Jobs jobs;
    private final Timers timers;
    private final GatewayLimits limits;
    private final Authenticator authenticator;
    private final RequestBody bodies;
    private final RunningJobs running;

    ChatRoutes(GatewayFeature.Collaborators collaborators, Authenticator authenticator, RequestBody bodies) {
        this.jobs = collaborators.jobs();
        this.timers = collaborators.timers();
        this.limits = collaborators.limits();
        this.authenticator = authenticator;
        this.bodies = bodies;
        this.running = new RunningJobs(limits.runningJobs());
    }

    void complete(Exchange exchange) throws InterruptedException, ClientLeft {
        ApiKey key = authenticator.authenticate(exchange);
        // Before the body is read: what a key may make this node hold in memory is limited too.
        try (var _ = running.enter(key)) {
            ChatRequest chat = RequestReader.read(bodies.readJson(exchange.request()));
            try (JobStream job =
                    jobs.submit(new Jobs.Submission(key.payer(), chat.generation(), Optional.of(chat.bodySha256())))) {
                exchange.response().header(JOB_ID, job.jobId().toString());
                exchange.response()
                        .header(ESCROW_SIGNATURE, job.lockTransaction().toString());
                AnswerHead head = new AnswerHead(
                        job.jobId(), chat.generation().model(), timers.clock().instant());
                if (chat.stream()) {
                    stream(exchange, job, new ResponseEncoder(head, chat.includeUsage()));
                } else {
                    whole(exchange, job, new WholeAnswer(head));
                }
            }
        }
    }

    /** The status is decided by the end: whatever fails before is an ordinary HTTP error. */
    private static void whole(Exchange exchange, JobStream job, WholeAnswer answer) throws InterruptedException {
        while (true) {
            GenerationEvent event = job.next();
            if (event instanceof Finished finished) {
                exchange.sendJson(answer.end(finished, job.receipt()));
                return;
            }
            answer.add(event);
        }
    }

    private void stream(Exchange exchange, JobStream job, ResponseEncoder encoder)
            throws InterruptedException, ClientLeft {
        job.awaitCommit();
        OutputStream out = open(exchange);
        try (EventStream events = new EventStream(out, timers, limits, job::close)) {
            JsonBytes buffer = new JsonBytes(BUFFER);
            try {
                relay(job, encoder, events, buffer);
            } catch (DecentralException e) {
                fail(events, buffer, e);
            } catch (InterruptedException e) {
                fail(events, buffer, new DecentralException(ErrorCode.UNAVAILABLE, "this gateway is stopping"));
            } catch (RuntimeException e) {
                Guard.log(exchange.id(), e);
                fail(events, buffer, new DecentralException(ErrorCode.INTERNAL, Guard.internal(exchange.id())));
            }
        }
        close(out);
    }

    private static void relay(JobStream job, ResponseEncoder encoder, EventStream events, JsonBytes buffer)
            throws InterruptedException, ClientLeft {
        GenerationEvent event = job.poll();
        if (event == null) {
            // The job runs and has said nothing yet: the client gets its status.
            events.ping();
            event = job.next();
        }
        while (true) {
            if (event instanceof Finished finished) {
                encoder.end(buffer, finished, job.receipt());
                events.write(buffer);
                return;
            }
            encoder.piece(buffer, event);
            event = buffer.length() < COALESCE ? pollOrFlush(job, events, buffer) : null;
            if (event == null) {
                events.write(buffer);
                buffer.clear();
                event = job.next();
            }
        }
    }

    /** What a job said before it failed still reaches the client. */
    private static @Nullable GenerationEvent pollOrFlush(JobStream job, EventStream events, JsonBytes buffer)
            throws ClientLeft {
        try {
            return job.poll();
        } catch (RuntimeException e) {
            events.write(buffer);
            throw e;
        }
    }

    private static void fail(EventStream events, JsonBytes buffer, DecentralException error) throws ClientLeft {
        ResponseEncoder.failure(buffer.clear(), error);
        events.write(buffer);
    }

    private static OutputStream open(Exchange exchange) {
        ServerResponse response = exchange.response();
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .header(HeaderNames.CACHE_CONTROL, "no-cache")
                .header(PROXY_BUFFERING, "no");
        if (exchange.request().listenerContext().contentEncodingContext().contentEncodingEnabled()) {
            // A compressor would hold events back.
            response.header(HeaderNames.CONTENT_ENCODING, "identity");
        }
        return response.outputStream();
    }

    private static void close(OutputStream out) throws ClientLeft {
        try {
            out.close();
        } catch (IOException | RuntimeException e) {
            throw new ClientLeft();
        }
    }
}
