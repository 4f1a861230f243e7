package org.usedecentral.engine;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.models.ModelArtifact;
import org.usedecentral.time.Timers;

/**
 * A backend whose engine runs in a process of its own. When that process dies or hangs, what it was doing fails with {@code UNAVAILABLE}, {@link #models} is
 * empty, and it is started again after a pause with the models it had. Thread-safe; what only asks for the state never waits.
 */
public final class EngineProcess implements InferenceBackend, HostedEngine {
    private static final Logger LOG = System.getLogger(EngineProcess.class.getName());
    private static final int MAX_MODELS = 256;

    private final EngineSpec spec;
    private final EngineParts parts;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger restarts = new AtomicInteger();
    private final List<Loaded> loaded = new ArrayList<>();
    private @Nullable HostLaunch launched;
    private @Nullable EngineSession opening;
    private Timers.@Nullable Alarm restartAlarm;
    private Timers.@Nullable Alarm healthyAlarm;
    private int faults;
    private boolean closed;
    private volatile @Nullable PluginContext context;
    private volatile @Nullable EngineSession current;
    private volatile List<Device> devices = List.of();
    private volatile @Nullable String lastFault;

    /** What was loaded, to be loaded again. */
    private record Loaded(ModelArtifact artifact, Path weights) {}

    private EngineProcess(EngineSpec spec, EngineParts parts) {
        this.spec = spec;
        this.parts = parts;
    }

    /**
     * A backend in an engine host, not started yet.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if another process of this one's class path could not load the provider
     */
    public static EngineProcess create(EngineSpec spec, EngineParts parts) {
        HostCommand.requireLoadable(spec.provider());
        return new EngineProcess(spec, parts);
    }

    /** Starts the process ahead of {@link #start}, which waits for it; a failure is told there. */
    public void launch() {
        lock.lock();
        try {
            if (launched == null && !closed) {
                launched = HostLaunch.start(spec, parts);
            }
        } catch (DecentralException e) {
            LOG.log(Level.DEBUG, "tried again when the backend starts: {0}", e.message());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return spec.name();
    }

    @Override
    public String type() {
        return spec.type();
    }

    @Override
    public OptionalLong pid() {
        EngineSession session = current;
        return session == null
                ? OptionalLong.empty()
                : OptionalLong.of(session.launch().pid());
    }

    @Override
    public int restarts() {
        return restarts.get();
    }

    @Override
    public Optional<String> lastFault() {
        return Optional.ofNullable(lastFault);
    }

    @Override
    public void start(PluginContext lent) {
        context = lent;
        EngineSession session;
        try {
            session = open(lent);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while its engine starts", e);
        }
        use(session, false);
    }

    /** A session whose engine is started and has its models; throws why there is none. */
    private EngineSession open(PluginContext lent) throws InterruptedException {
        HostLaunch launch = takeLaunch();
        EngineSession session;
        try {
            session = EngineSession.connect(new EngineSession.Host(spec, parts, lent), launch);
        } catch (DecentralException e) {
            forget(launch);
            throw new DecentralException(e.code(), "its engine host ended while it started: " + e.message(), e);
        }
        lock.lock();
        try {
            opening = session;
            launched = null;
        } finally {
            lock.unlock();
        }
        boolean good = false;
        try {
            requireOpen();
            session.configure();
            for (Loaded model : remembered()) {
                session.load(model.artifact(), model.weights());
            }
            good = true;
            return session;
        } finally {
            if (!good) {
                session.close();
            }
            opened();
        }
    }

    private void opened() {
        lock.lock();
        try {
            opening = null;
        } finally {
            lock.unlock();
        }
    }

    private List<Loaded> remembered() {
        lock.lock();
        try {
            return List.copyOf(loaded);
        } finally {
            lock.unlock();
        }
    }

    private HostLaunch takeLaunch() {
        lock.lock();
        try {
            requireOpen();
            HostLaunch launch = launched;
            if (launch == null) {
                launch = HostLaunch.start(spec, parts);
                launched = launch;
            }
            return launch;
        } finally {
            lock.unlock();
        }
    }

    private void forget(HostLaunch launch) {
        lock.lock();
        try {
            if (launched == launch) {
                launched = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        lock.lock();
        try {
            if (closed) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "backend " + spec.name() + " is closed");
            }
        } finally {
            lock.unlock();
        }
    }

    private void use(EngineSession session, boolean anew) {
        lock.lock();
        try {
            if (!closed) {
                current = session;
                if (anew) {
                    restarts.incrementAndGet();
                }
                devices = session.state().devices();
                healthyAlarm = parts.timers().after(parts.limits().backOff().healthy(), this::healthy);
            }
        } finally {
            lock.unlock();
        }
        if (current != session) {
            session.close();
            return;
        }
        session.onEnd(cause -> ended(session, cause));
        parts.changed().run();
    }

    private void healthy() {
        lock.lock();
        try {
            faults = 0;
        } finally {
            lock.unlock();
        }
    }

    /** The host is gone; on the thread that saw it, which waits for nothing here but a file. */
    private void ended(EngineSession session, String cause) {
        lock.lock();
        try {
            if (current == session) {
                current = null;
            }
            if (healthyAlarm != null) {
                healthyAlarm.cancel();
            }
            if (closed) {
                return;
            }
        } finally {
            lock.unlock();
        }
        parts.changed().run();
        record(cause, session.launch());
        again(cause);
    }

    private void record(String cause, HostLaunch launch) {
        try {
            CrashRecords.in(parts.dataDirectory()).write(parts.timers().clock().instant(), spec.name(), cause, launch);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "no record of the crash of engine {0} is kept: {1}", spec.name(), e.toString());
        }
    }

    /** Starts it again after a pause. */
    private void again(String cause) {
        lastFault = cause;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            faults++;
            Duration pause = parts.limits().backOff().after(faults);
            LOG.log(Level.WARNING, "engine {0} ended: {1}; it is started again in {2}", spec.name(), cause, pause);
            restartAlarm = parts.timers().startAfter(pause, "decentral-engine-restart", this::restart);
        } finally {
            lock.unlock();
        }
    }

    private void restart() {
        PluginContext lent = context;
        if (lent == null) {
            throw new IllegalStateException("restarted before it was started");
        }
        try {
            EngineSession session = open(lent);
            LOG.log(Level.INFO, "engine {0} is back", spec.name());
            use(session, true);
        } catch (DecentralException e) {
            again("it could not be started again: " + e.message());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            again("its restart was interrupted");
        }
    }

    @Override
    public List<Device> devices() {
        EngineSession session = current;
        return session == null ? devices : session.state().devices();
    }

    @Override
    public List<ModelCard> models() {
        EngineSession session = current;
        return session == null ? List.of() : session.state().models();
    }

    @Override
    public BackendLoad load() {
        EngineSession session = current;
        return session == null ? new BackendLoad(0, 0, 0, 0) : session.load();
    }

    private EngineSession running() {
        EngineSession session = current;
        if (session == null) {
            String fault = lastFault;
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the engine host of backend " + spec.name() + " does not run"
                            + (fault == null ? "" : " (" + fault + "); it is started again"));
        }
        return session;
    }

    @Override
    public void load(ModelArtifact artifact, Path weights) throws InterruptedException {
        lock.lock();
        try {
            if (loaded.size() >= MAX_MODELS) {
                throw new DecentralException(
                        ErrorCode.CONFLICT, "backend " + spec.name() + " was given " + MAX_MODELS + " models already");
            }
        } finally {
            lock.unlock();
        }
        running().load(artifact, weights);
        lock.lock();
        try {
            loaded.add(new Loaded(artifact, weights));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        return running().generate(request);
    }

    @Override
    public int countInputTokens(GenerationRequest request) {
        return running().countInputTokens(request);
    }

    @Override
    public Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        return running().embed(request);
    }

    /** Closes the engine and ends its process, which is gone when this returns. */
    @Override
    public void close() {
        List<EngineSession> sessions = new ArrayList<>();
        HostLaunch unused;
        lock.lock();
        try {
            closed = true;
            for (Timers.@Nullable Alarm alarm : new Timers.@Nullable Alarm[] {restartAlarm, healthyAlarm}) {
                if (alarm != null) {
                    alarm.cancel();
                }
            }
            for (@Nullable EngineSession session : new @Nullable EngineSession[] {current, opening}) {
                if (session != null) {
                    sessions.add(session);
                }
            }
            unused = launched;
        } finally {
            lock.unlock();
        }
        sessions.forEach(EngineSession::close);
        if (unused != null) {
            unused.kill();
        }
    }
}
