package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.models.ModelArtifact;

/** Runs one GGUF model with llama.cpp in this process. Thread-safe. */
final class LlamaCppBackend implements InferenceBackend {
    /** The catalogue's name of the engine that {@code library: auto} fetches. */
    private static final String ENGINE = "llama.cpp";

    private final String name;
    private final Settings settings;
    private final Object lifecycle = new Object();
    private volatile LoadedModel.@Nullable Engine engine;
    private volatile @Nullable LoadedModel model;
    private volatile List<Device> devices = List.of();
    private boolean closed;

    LlamaCppBackend(String name, Settings settings) {
        this.name = name;
        this.settings = settings;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return LlamaCppBackendProvider.TYPE;
    }

    @Override
    public void start(PluginContext context) {
        LlamaLibrary loaded = LlamaLibrary.load(settings.library().orElseGet(() -> fetchEngine(context)));
        devices = Devices.used(loaded.api(), settings.gpuLayers() != 0);
        engine = new LoadedModel.Engine(loaded.api(), settings, context.clock(), devices);
        settings.model().ifPresent(file -> install(identity(context, file), file));
    }

    private static Path fetchEngine(PluginContext context) {
        try {
            return context.artifact(ENGINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while fetching llama.cpp", e);
        }
    }

    private LoadedModel.Identity identity(PluginContext context, Path file) {
        String fileName = String.valueOf(file.getFileName());
        String id = settings.modelId().orElse(fileName.replaceFirst("(?i)\\.gguf$", ""));
        try {
            return new LoadedModel.Identity(new ModelId(id), context.sha256(file), "");
        } catch (IllegalArgumentException e) {
            throw DecentralException.invalid("model-id", "'" + id + "' is " + e.getMessage() + "; set model-id");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while reading " + file, e);
        }
    }

    @Override
    public void load(ModelArtifact artifact, Path weights) {
        install(
                new LoadedModel.Identity(new ModelId(artifact.id()), artifact.sha256(), artifact.quantisation()),
                weights);
    }

    private void install(LoadedModel.Identity identity, Path weights) {
        synchronized (lifecycle) {
            LoadedModel.Engine started = engine;
            if (started == null || closed) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "backend " + name + " is not started");
            }
            if (model != null) {
                throw new DecentralException(
                        ErrorCode.CONFLICT, "backend " + name + " already runs a model; configure one backend a model");
            }
            model = LoadedModel.open(started, identity, weights);
        }
    }

    @Override
    public List<Device> devices() {
        return devices;
    }

    @Override
    public List<ModelCard> models() {
        LoadedModel current = model;
        return current == null ? List.of() : List.of(current.card());
    }

    @Override
    public BackendLoad load() {
        LoadedModel current = model;
        return current == null ? new BackendLoad(settings.slots(), 0, 0, 0) : current.load();
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        return loaded(request.model()).generate(request);
    }

    @Override
    public int countInputTokens(GenerationRequest request) {
        return loaded(request.model()).countInputTokens(request);
    }

    LoadedModel loaded(ModelId wanted) {
        LoadedModel current = model;
        if (current == null || !current.card().id().equals(wanted)) {
            throw new DecentralException(ErrorCode.MODEL_NOT_FOUND, "backend " + name + " has no model " + wanted);
        }
        return current;
    }

    @Override
    public void close() {
        synchronized (lifecycle) {
            closed = true;
            LoadedModel current = model;
            model = null;
            if (current != null) {
                current.close();
            }
        }
    }
}
