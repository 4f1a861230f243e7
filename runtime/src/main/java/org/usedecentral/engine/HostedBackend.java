package org.usedecentral.engine;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.usedecentral.link.RequestCodec;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.models.ModelArtifact;

/** The backend inside the engine host: frames become calls of it, each on a virtual thread. {@link #accept} by the reader, which is never kept waiting. */
final class HostedBackend {
    private static final Logger LOG = System.getLogger(HostedBackend.class.getName());
    private static final long STATE_INTERVAL = Duration.ofMillis(200).toNanos();

    private final FrameWriter writer;
    private final HostContext context;
    private final Map<Integer, HostStream> streams = new ConcurrentHashMap<>();
    private final Map<Integer, HostCall> calls = new ConcurrentHashMap<>();
    private final Object pushing = new Object();
    private volatile @Nullable InferenceBackend backend;
    private @Nullable EngineState lastState;
    private @Nullable BackendLoad lastLoad;

    HostedBackend(FrameWriter writer) {
        this.writer = writer;
        this.context = new HostContext(writer);
    }

    /** What answers a call. */
    private interface Answer {
        void write(FrameOut result) throws InterruptedException;
    }

    /** Takes a frame, whose bytes are the reader's: what a thread needs of them is copied. */
    void accept(FrameIn frame) throws IOException {
        int id = frame.id();
        switch (frame.type()) {
            case PING -> writer.send(FrameOut.of(FrameType.PONG, 0));
            case CREDIT -> {
                HostStream stream = streams.get(id);
                if (stream != null) {
                    stream.grant(frame.getNumber());
                }
            }
            case CANCEL -> cancel(id);
            case GENERATE -> {
                int window = frame.getNumber();
                HostStream stream = new HostStream(this, writer, id, window);
                streams.put(id, stream);
                Bytes request = Bytes.of(frame.getBytes());
                Thread.ofVirtual().name("engine-stream-" + id).start(() -> stream.run(request));
            }
            case CONFIGURE -> {
                EngineSpec spec = readSpec(frame);
                Path directory = Path.of(frame.getText());
                call(id, result -> start(spec, directory));
            }
            case LOAD -> {
                ModelArtifact artifact = new ModelArtifact(
                        frame.getText(), Bytes.of(frame.getBytes()), frame.getLong(), frame.getText(), frame.getText());
                Path weights = Path.of(frame.getText());
                call(id, result -> {
                    started().load(artifact, weights);
                    pushState();
                });
            }
            case COUNT -> {
                Bytes request = Bytes.of(frame.getBytes());
                call(id, result -> result.putNumber(started().countInputTokens(RequestCodec.decode(request))));
            }
            case EMBED -> {
                ModelId model = new ModelId(frame.getText());
                List<String> inputs = new ArrayList<>();
                for (int left = frame.getCount(); left > 0; left--) {
                    inputs.add(frame.getText());
                }
                call(
                        id,
                        result -> EngineState.writeEmbeddings(
                                result, started().embed(EmbeddingRequest.of(model, inputs))));
            }
            case ANSWER, FAILED -> context.answer(frame);
            default -> throw new IOException("a worker does not send " + frame.type());
        }
    }

    private static EngineSpec readSpec(FrameIn in) throws IOException {
        String name = in.getText();
        String type = in.getText();
        String provider = in.getText();
        Map<String, String> keys = new HashMap<>();
        for (int left = in.getCount(); left > 0; left--) {
            keys.put(in.getText(), in.getText());
        }
        return new EngineSpec(name, type, provider, keys);
    }

    private void start(EngineSpec spec, Path directory) {
        InferenceBackendProvider provider = ServiceLoader.load(InferenceBackendProvider.class).stream()
                .filter(found -> found.type().getName().equals(spec.provider()))
                .findFirst()
                .map(ServiceLoader.Provider::get)
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "the engine host finds no provider " + spec.provider()
                                + " on its class path: set isolation: none"));
        Config config = Config.builder()
                .sources(ConfigSources.create(spec.keys()))
                .disableEnvironmentVariablesSource()
                .disableSystemPropertiesSource()
                .disableKeyResolving()
                .disableValueResolving()
                .build();
        InferenceBackend made = provider.create(config, spec.name());
        context.use(directory);
        made.start(context);
        backend = made;
        pushState();
        Thread.ofVirtual().name("engine-state").start(this::watchState);
    }

    /** The started backend. */
    InferenceBackend started() {
        InferenceBackend now = backend;
        if (now == null) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the engine is not started");
        }
        return now;
    }

    private void call(int id, Answer answer) {
        HostCall call = new HostCall();
        calls.put(id, call);
        Thread.ofVirtual().name("engine-call-" + id).start(() -> {
            call.begin(Thread.currentThread());
            FrameOut reply;
            try {
                FrameOut result = FrameOut.of(FrameType.RESULT, id);
                answer.write(result);
                reply = result;
            } catch (InterruptedException e) {
                reply = EngineHost.failed(id, EngineHost.cancelled(e));
            } catch (RuntimeException | LinkageError e) {
                reply = EngineHost.failed(id, e);
            } finally {
                calls.remove(id);
                call.end();
            }
            writer.send(reply);
        });
    }

    private void cancel(int id) {
        HostStream stream = streams.get(id);
        if (stream != null) {
            // Closing may wait for the engine's current step, which other streams' frames must not.
            Thread.ofVirtual().name("engine-cancel-" + id).start(stream::cancel);
        }
        HostCall call = calls.get(id);
        if (call != null) {
            call.cancel();
        }
    }

    /** A stream is over. */
    void ended(HostStream stream) {
        streams.remove(stream.id(), stream);
    }

    private void watchState() {
        while (true) {
            LockSupport.parkNanos(STATE_INTERVAL);
            pushState();
        }
    }

    /** Tells the worker what has changed; what it hears last is the truth. */
    void pushState() {
        InferenceBackend now = backend;
        if (now == null) {
            return;
        }
        synchronized (pushing) {
            try {
                push(new EngineState(now.devices(), now.models()), now.load());
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "the engine does not say how it is: {0}", e.toString());
            }
        }
    }

    private void push(EngineState state, BackendLoad load) {
        if (!state.equals(lastState)) {
            lastState = state;
            FrameOut out = FrameOut.of(FrameType.MODELS, 0);
            state.write(out);
            writer.send(out);
        }
        if (!load.equals(lastLoad)) {
            lastLoad = load;
            FrameOut out = FrameOut.of(FrameType.LOAD_STATE, 0);
            EngineState.writeLoad(out, load);
            writer.send(out);
        }
    }

    static GenerationRequest request(Bytes encoded) {
        return RequestCodec.decode(encoded);
    }

    void close() {
        InferenceBackend now = backend;
        if (now != null) {
            try {
                now.close();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "the engine does not close well", e);
            }
        }
    }
}
