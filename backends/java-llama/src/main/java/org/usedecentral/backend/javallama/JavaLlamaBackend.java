package org.usedecentral.backend.javallama;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
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

/** Runs one GGUF model with java-llama.cpp in this process, which must not run libllama in another way. Thread-safe. */
final class JavaLlamaBackend implements InferenceBackend {
    private final String name;
    private final Settings settings;
    private final Object lifecycle = new Object();
    private volatile @Nullable RunningModel model;
    private boolean started;

    JavaLlamaBackend(String name, Settings settings) {
        this.name = name;
        this.settings = settings;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return JavaLlamaBackendProvider.TYPE;
    }

    @Override
    public void start(PluginContext context) {
        RunningModel.useFolder(context.dataDirectory().resolve("java-llama"));
        synchronized (lifecycle) {
            started = true;
        }
        settings.model().ifPresent(file -> install(identity(file, context), file));
    }

    private RunningModel.Identity identity(Path file, PluginContext context) {
        String fileName = String.valueOf(file.getFileName());
        String id = settings.modelId().orElse(fileName.replaceFirst("(?i)\\.gguf$", ""));
        try {
            return new RunningModel.Identity(new ModelId(id), context.sha256(file), "");
        } catch (IllegalArgumentException e) {
            throw DecentralException.invalid("model-id", "'" + id + "' is " + e.getMessage() + "; set model-id");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecentralException(ErrorCode.CANCELLED, "interrupted while reading " + file, e);
        }
    }

    @Override
    public void load(ModelArtifact artifact, Path weights) {
        Bytes digest = artifact.sha256();
        install(new RunningModel.Identity(new ModelId(artifact.id()), digest, artifact.quantisation()), weights);
    }

    private void install(RunningModel.Identity identity, Path weights) {
        synchronized (lifecycle) {
            if (!started) {
                throw new DecentralException(ErrorCode.UNAVAILABLE, "backend " + name + " is not started");
            }
            if (model != null) {
                throw new DecentralException(
                        ErrorCode.CONFLICT, "backend " + name + " already runs a model; configure one backend a model");
            }
            model = RunningModel.open(settings, identity, weights);
        }
    }

    /** The library's own build computes on the processor. */
    @Override
    public List<Device> devices() {
        return List.of(new Device(Device.Kind.CPU, System.getProperty("os.arch") + " processor", 0));
    }

    @Override
    public List<ModelCard> models() {
        RunningModel current = model;
        return current == null ? List.of() : List.of(current.card());
    }

    @Override
    public BackendLoad load() {
        RunningModel current = model;
        return new BackendLoad(settings.slots(), current == null ? 0 : current.running(), 0, 0);
    }

    @Override
    public TokenStream generate(GenerationRequest request) {
        return running(request.model()).generate(request);
    }

    @Override
    public int countInputTokens(GenerationRequest request) {
        return running(request.model()).countInputTokens(request);
    }

    private RunningModel running(ModelId wanted) {
        RunningModel current = model;
        if (current == null || !current.card().id().equals(wanted)) {
            throw new DecentralException(ErrorCode.MODEL_NOT_FOUND, "backend " + name + " has no model " + wanted);
        }
        return current;
    }

    @Override
    public void close() {
        synchronized (lifecycle) {
            started = false;
            RunningModel current = model;
            model = null;
            if (current != null) {
                current.close();
            }
        }
    }
}
