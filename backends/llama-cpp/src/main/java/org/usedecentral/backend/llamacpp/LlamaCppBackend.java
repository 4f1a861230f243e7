package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
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

/** Runs GGUF models with llama.cpp in this process. Thread-safe. */
final class LlamaCppBackend implements InferenceBackend {
    private final String name;
    private final Settings settings;
    private final Object lifecycle = new Object();
    private volatile @Nullable Shelf shelf;
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
        DeviceChoice choice = new DeviceChoice(settings.device(), settings.library(), Machine.here());
        LlamaLibrary library = LlamaLibrary.load(choice.directory(id -> fetch(context, id)));
        devices = Devices.used(library.api(), settings.gpuLayers() != 0);
        choice.verify(devices);
        ResidentModel.Engine engine = new ResidentModel.Engine(library.api(), settings, context.clock(), devices);
        synchronized (lifecycle) {
            if (closed) {
                throw notStarted();
            }
            shelf = new Shelf(
                    engine, settings.memoryLimit().orElseGet(() -> Devices.safeMemory(library.api(), engine.onGpu())));
        }
        settings.model().ifPresent(file -> install(identity(file), file));
    }

    private static Path fetch(PluginContext context, String id) {
        try {
            return context.artifact(id);
        } catch (InterruptedException e) {
            throw interrupted("while fetching llama.cpp", e);
        }
    }

    private static DecentralException interrupted(String when, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new DecentralException(ErrorCode.CANCELLED, "interrupted " + when, e);
    }

    private ResidentModel.Identity identity(Path file) {
        String fileName = String.valueOf(file.getFileName());
        String id = settings.modelId().orElse(fileName.replaceFirst("(?i)\\.gguf$", ""));
        try {
            return new ResidentModel.Identity(new ModelId(id), null, "");
        } catch (IllegalArgumentException e) {
            throw DecentralException.invalid("model-id", "'" + id + "' is " + e.getMessage() + "; set model-id");
        }
    }

    private void install(ResidentModel.Identity identity, Path weights) {
        try {
            shelf().add(identity, weights);
        } catch (InterruptedException e) {
            throw interrupted("while loading " + identity.id(), e);
        }
    }

    @Override
    public void load(ModelArtifact artifact, Path weights) throws InterruptedException {
        shelf().add(
                        new ResidentModel.Identity(
                                new ModelId(artifact.id()), artifact.sha256(), artifact.quantisation()),
                        weights);
    }

    private Shelf shelf() {
        Shelf current = shelf;
        if (current == null) {
            throw notStarted();
        }
        return current;
    }

    private DecentralException notStarted() {
        return new DecentralException(ErrorCode.UNAVAILABLE, "backend " + name + " is not started");
    }

    @Override
    public List<Device> devices() {
        return devices;
    }

    @Override
    public List<ModelCard> models() {
        Shelf current = shelf;
        return current == null ? List.of() : current.cards();
    }

    @Override
    public BackendLoad load() {
        Shelf current = shelf;
        return current == null ? new BackendLoad(settings.slots(), 0, 0, 0) : current.load();
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        return shelf().generate(request);
    }

    /** For a model that is not in memory this waits until it is. */
    @Override
    public int countInputTokens(GenerationRequest request) {
        try {
            return shelf().countInputTokens(request);
        } catch (InterruptedException e) {
            throw interrupted("while loading " + request.model(), e);
        }
    }

    /** For a model that is not in memory this waits until it is. */
    @Override
    public Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        return shelf().embed(request);
    }

    /** The model of that name if it is in memory and generates. */
    Optional<LoadedModel> resident(ModelId id) {
        return shelf().resident(id).filter(LoadedModel.class::isInstance).map(LoadedModel.class::cast);
    }

    @Override
    public void close() {
        Shelf current;
        synchronized (lifecycle) {
            closed = true;
            current = shelf;
            shelf = null;
        }
        if (current != null) {
            current.close();
        }
    }
}
