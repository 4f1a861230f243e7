package org.usedecentral.engine;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.RequestCodec;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.models.ModelArtifact;
import org.usedecentral.time.Timers;

/**
 * One engine host's life, the worker's end: streams and calls over one socket, each with its number. Its end, for whatever reason, fails all that is under way
 * with the cause. Thread-safe.
 */
final class EngineSession {
    private static final Logger LOG = System.getLogger(EngineSession.class.getName());
    /** How long a process may take to end once its socket is closed; a crashing JVM writes its file before. */
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(3);

    private final EngineSpec spec;
    private final EngineParts parts;
    private final PluginContext context;
    private final HostLaunch launch;
    private final SocketChannel channel;
    private final FrameWriter writer;
    private final Map<Integer, HostedStream> streams = new ConcurrentHashMap<>();
    private final Map<Integer, PendingCall> calls = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile EngineState state = new EngineState(List.of(), List.of());
    private volatile BackendLoad load = new BackendLoad(0, 0, 0, 0);
    private volatile boolean closing;
    private volatile boolean gone;
    private volatile @Nullable String fault;
    private volatile Timers.@Nullable Alarm pingAlarm;

    private EngineSession(Host host, HostLaunch launch, HostLaunch.Connection connection) {
        this.spec = host.spec();
        this.parts = host.parts();
        this.context = host.context();
        this.launch = launch;
        this.channel = connection.channel();
        this.writer = new FrameWriter(channel, FrameWriter.aside());
        Thread.ofPlatform().daemon().name("decentral-engine-" + spec.name()).start(() -> read(connection.reader()));
        schedulePing();
    }

    /** What every life of one engine has in common. */
    record Host(EngineSpec spec, EngineParts parts, PluginContext context) {}

    /**
     * Waits for a launched host to connect; its backend is not made yet.
     *
     * @throws DecentralException {@code UNAVAILABLE} if it does not come
     */
    static EngineSession connect(Host host, HostLaunch launch) {
        HostLaunch.Connection connection =
                launch.connect(host.parts().timers(), host.parts().limits().start());
        return new EngineSession(host, launch, connection);
    }

    HostLaunch launch() {
        return launch;
    }

    EngineState state() {
        return state;
    }

    BackendLoad load() {
        return load;
    }

    /** Calls {@code told} once it is over, with the cause; empty if it was closed. */
    void onEnd(Consumer<String> told) {
        var _ = end.thenAccept(told);
    }

    // What the worker asks

    /** Makes and starts the backend. */
    void configure() throws InterruptedException {
        int id = nextId();
        FrameOut out = FrameOut.of(FrameType.CONFIGURE, id);
        out.putText(spec.name()).putText(spec.type()).putText(spec.provider());
        out.putNumber(spec.keys().size());
        spec.keys().forEach((key, value) -> out.putText(key).putText(value));
        out.putText(parts.dataDirectory().toAbsolutePath().toString());
        FrameIn _ = call(out, id);
    }

    void load(ModelArtifact artifact, Path weights) throws InterruptedException {
        int id = nextId();
        FrameIn _ = call(
                FrameOut.of(FrameType.LOAD, id)
                        .putText(artifact.id())
                        .putBytes(artifact.sha256().toByteArray())
                        .putLong(artifact.sizeBytes())
                        .putText(artifact.quantisation())
                        .putText(artifact.license())
                        .putText(weights.toAbsolutePath().toString()),
                id);
    }

    HostedStream generate(GenerationRequest request) {
        int id = nextId();
        FrameOut out = FrameOut.of(FrameType.GENERATE, id)
                .putNumber(HostedStream.WINDOW)
                .putBytes(RequestCodec.encode(request).toByteArray());
        HostedStream stream = new HostedStream(this, id);
        streams.put(id, stream);
        send(out);
        failIfOver();
        stream.awaitAdmission();
        return stream;
    }

    int countInputTokens(GenerationRequest request) {
        int id = nextId();
        FrameOut out = FrameOut.of(FrameType.COUNT, id)
                .putBytes(RequestCodec.encode(request).toByteArray());
        try {
            return call(out, id).getNumber();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while tokens are counted", e);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        int id = nextId();
        FrameOut out = FrameOut.of(FrameType.EMBED, id).putText(request.model().value());
        out.putNumber(request.inputs().size());
        request.inputs().forEach(out::putText);
        try {
            return EngineState.readEmbeddings(call(out, id));
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private int nextId() {
        return ids.incrementAndGet();
    }

    private FrameIn call(FrameOut out, int id) throws InterruptedException {
        PendingCall call = new PendingCall();
        calls.put(id, call);
        try {
            send(out);
            failIfOver();
            return call.await();
        } catch (InterruptedException e) {
            cancel(id);
            throw e;
        } finally {
            calls.remove(id);
        }
    }

    /** For what was added while the session ended. */
    private void failIfOver() {
        if (gone) {
            failAll();
        }
    }

    private void send(FrameOut out) {
        writer.send(out);
    }

    void grant(int id, int bytes) {
        send(FrameOut.of(FrameType.CREDIT, id).putNumber(bytes));
    }

    void cancel(int id) {
        streams.remove(id);
        send(FrameOut.of(FrameType.CANCEL, id));
    }

    // What the host says

    private void read(FrameReader reader) {
        String why = "";
        try {
            FrameIn frame = reader.next();
            while (frame != null) {
                unanswered.setPlain(0);
                accept(frame);
                frame = reader.next();
            }
        } catch (IOException e) {
            why = String.valueOf(e.getMessage());
        }
        over(why);
    }

    private void accept(FrameIn frame) throws IOException {
        int id = frame.id();
        switch (frame.type()) {
            case EVENTS -> {
                HostedStream stream = streams.get(id);
                if (stream != null && stream.deliver(frame)) {
                    streams.remove(id);
                }
            }
            case ADMITTED -> {
                HostedStream stream = streams.get(id);
                if (stream != null) {
                    stream.admit();
                }
            }
            case RESULT -> {
                PendingCall call = calls.get(id);
                if (call != null) {
                    call.answer(frame.copy());
                }
            }
            case FAILED -> {
                DecentralException error = frame.getError();
                HostedStream stream = streams.remove(id);
                if (stream != null) {
                    stream.fail(error);
                }
                PendingCall call = calls.get(id);
                if (call != null) {
                    call.fail(error);
                }
            }
            case MODELS -> state = EngineState.read(frame);
            case LOAD_STATE -> load = EngineState.readLoad(frame);
            case ARTIFACT -> {
                String artifact = frame.getText();
                answer(id, () -> context.artifact(artifact).toAbsolutePath().toString());
            }
            case DIGEST -> {
                Path file = Path.of(frame.getText());
                answer(id, () -> context.sha256(file).hex());
            }
            case PONG -> LOG.log(Level.TRACE, "engine {0} is there", spec.name());
            default -> throw new IOException("an engine host does not send " + frame.type());
        }
    }

    /** What the engine asks of the node; it may take as long as a download. */
    private interface Question {
        String ask() throws InterruptedException;
    }

    private void answer(int id, Question question) {
        Thread.ofVirtual().name("decentral-engine-question").start(() -> send(answered(id, question)));
    }

    private FrameOut answered(int id, Question question) {
        try {
            return FrameOut.of(FrameType.ANSWER, id).putText(question.ask());
        } catch (InterruptedException e) {
            return FrameOut.of(FrameType.FAILED, id)
                    .putError(new DecentralException(ErrorCode.CANCELLED, "the answer was interrupted", e));
        } catch (DecentralException e) {
            return FrameOut.of(FrameType.FAILED, id).putError(e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a question of an engine", e);
            return FrameOut.of(FrameType.FAILED, id)
                    .putError(new DecentralException(ErrorCode.INTERNAL, "the answer failed: " + e, e));
        }
    }

    private DecentralException broken(IOException cause) {
        kill("it answers with what is no answer: " + cause.getMessage());
        return new DecentralException(ErrorCode.UNAVAILABLE, "engine " + spec.name() + " answers nonsense", cause);
    }

    // Its end

    private void schedulePing() {
        pingAlarm = parts.timers().startAfter(parts.limits().ping(), "decentral-engine-ping", this::ping);
    }

    private void ping() {
        if (gone || closing) {
            return;
        }
        if (unanswered.incrementAndGet() > parts.limits().unansweredPings()) {
            kill("it did not answer for "
                    + parts.limits()
                                    .ping()
                                    .multipliedBy(parts.limits().unansweredPings())
                                    .toMillis()
                            / 1000.0
                    + " s and was killed");
            return;
        }
        schedulePing();
        send(FrameOut.of(FrameType.PING, 0));
    }

    /** Ends it because of a fault; its reader then sees the end. */
    private void kill(String why) {
        if (fault == null) {
            fault = why;
        }
        launch.kill();
        over("");
    }

    /** Once, by whoever sees the end first. */
    private void over(String broken) {
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        boolean itself = launch.awaitExit(EXIT_LIMIT);
        launch.kill();
        String known = fault;
        String cause = known != null
                ? known
                : itself ? launch.exit() : "the connection to it broke" + (broken.isEmpty() ? "" : ": " + broken);
        writer.close();
        Timers.Alarm alarm = pingAlarm;
        if (alarm != null) {
            alarm.cancel();
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a socket to a process that is gone", e);
        }
        fault = cause;
        gone = true;
        failAll();
        end.complete(closing ? "" : cause);
    }

    private void failAll() {
        DecentralException why = new DecentralException(
                ErrorCode.UNAVAILABLE,
                closing
                        ? "engine " + spec.name() + " is closed"
                        : "the engine host of backend " + spec.name() + " ended: " + fault);
        for (HostedStream stream : List.copyOf(streams.values())) {
            streams.remove(stream.id());
            stream.fail(why);
        }
        calls.values().forEach(call -> call.fail(why));
    }

    /** Lets the engine close, for a while; the process has ended when this returns. */
    void close() {
        closing = true;
        if (!gone) {
            send(FrameOut.of(FrameType.CLOSE, 0));
            if (!launch.awaitExit(parts.limits().close())) {
                LOG.log(Level.WARNING, "engine {0} did not close in time: its host is killed", spec.name());
            }
            launch.kill();
            over("");
        }
    }
}
