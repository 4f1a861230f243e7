package org.usedecentral.backend.djl;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.models.ModelArtifact;

/**
 * Embeds texts with one ONNX model in this process. Thread-safe: callers wait on threads of their own kind, and the network runs on as
 * many platform threads as there are slots, since native code would hold a virtual thread's carrier.
 */
final class DjlBackend implements InferenceBackend {
    private static final long CLOSE_SECONDS = 60;

    private final String name;
    private final Settings settings;
    private final Semaphore slots;
    private final ExecutorService threads;
    private final Object lifecycle = new Object();
    private volatile @Nullable EmbeddingModel model;
    private boolean started;
    private boolean closed;

    DjlBackend(String name, Settings settings) {
        this.name = name;
        this.settings = settings;
        this.slots = new Semaphore(settings.limits().slots());
        ThreadFactory factory =
                Thread.ofPlatform().daemon().name("decentral-" + name + "-", 0).factory();
        this.threads = Executors.newFixedThreadPool(settings.limits().slots(), factory);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return DjlBackendProvider.TYPE;
    }

    @Override
    public void start(PluginContext context) {
        Offline.prepare(context.dataDirectory().resolve("djl"));
        synchronized (lifecycle) {
            started = true;
        }
        settings.model().ifPresent(file -> install(identity(context, file), file));
    }

    private EmbeddingModel.Identity identity(PluginContext context, Path file) {
        String fileName = String.valueOf(file.getFileName());
        String id = settings.modelId().orElse(fileName.replaceFirst("(?i)\\.onnx$", ""));
        ModelId valid;
        try {
            valid = new ModelId(id);
        } catch (IllegalArgumentException e) {
            throw DecentralException.invalid("model-id", "'" + id + "' is " + e.getMessage() + "; set model-id");
        }
        try {
            Bytes digest = context.sha256(file);
            return new EmbeddingModel.Identity(valid, digest, "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while reading " + file, e);
        }
    }

    @Override
    public void load(ModelArtifact artifact, Path weights) {
        install(
                new EmbeddingModel.Identity(new ModelId(artifact.id()), artifact.sha256(), artifact.quantisation()),
                weights);
    }

    private void install(EmbeddingModel.Identity identity, Path weights) {
        synchronized (lifecycle) {
            if (!started || closed) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "backend " + name + " is not started");
            }
            if (model != null) {
                throw new DecentralException(
                        ErrorCode.CONFLICT, "backend " + name + " already runs a model; configure one backend a model");
            }
            Path tokenizer = settings.tokenizer().orElseGet(() -> weights.resolveSibling("tokenizer.json"));
            model = EmbeddingModel.open(identity, weights, tokenizer, settings.limits());
        }
    }

    @Override
    public List<Device> devices() {
        return List.of(new Device(Device.Kind.CPU, "ONNX Runtime, " + System.getProperty("os.arch", "cpu"), 0));
    }

    @Override
    public List<ModelCard> models() {
        EmbeddingModel current = model;
        return current == null ? List.of() : List.of(current.card());
    }

    @Override
    public BackendLoad load() {
        int all = settings.limits().slots();
        return new BackendLoad(all, all - slots.availablePermits(), 0, 0);
    }

    @Override
    public Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        EmbeddingModel current = model;
        if (current == null || !current.card().id().equals(request.model())) {
            throw new DecentralException(
                    ErrorCode.MODEL_NOT_FOUND, "backend " + name + " has no model " + request.model());
        }
        if (!slots.tryAcquire()) {
            throw new DecentralException(
                    ErrorCode.OVERLOADED,
                    "backend " + name + " runs " + settings.limits().slots() + " requests and has no slot left");
        }
        AtomicBoolean abandoned = new AtomicBoolean();
        Future<Embeddings> answer;
        try {
            answer = threads.submit(() -> {
                try {
                    return current.embed(request.inputs(), abandoned);
                } finally {
                    slots.release();
                }
            });
        } catch (RejectedExecutionException e) {
            slots.release();
            throw closing(e);
        }
        return await(answer, abandoned);
    }

    private Embeddings await(Future<Embeddings> answer, AtomicBoolean abandoned) throws InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            // The step that runs is finished first; the slot is free after it. A cancelled task might never begin, nor
            // free it.
            abandoned.set(true);
            throw e;
        } catch (CancellationException e) {
            throw closing(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DecentralException known) {
                throw known;
            }
            if (e.getCause() instanceof InterruptedException) {
                throw closing(e);
            }
            throw new DecentralException(ErrorCode.INTERNAL, "backend " + name + " failed: " + e.getCause(), e);
        }
    }

    private DecentralException closing(Exception cause) {
        return new DecentralException(ErrorCode.CANCELLED, "backend " + name + " is closing", cause);
    }

    @Override
    public void close() {
        synchronized (lifecycle) {
            closed = true;
            EmbeddingModel current = model;
            model = null;
            for (Runnable waiting : threads.shutdownNow()) {
                if (waiting instanceof Future<?> answer) {
                    answer.cancel(false);
                }
            }
            boolean idle = false;
            try {
                idle = threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // Freed under a step that still runs, the native session would end the process.
            if (current != null && idle) {
                current.close();
            }
        }
    }
}
