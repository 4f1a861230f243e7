package org.usedecentral.backend.llamacpp;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.TokenStream;

/** A model in memory: one that generates or one that embeds, and its file says which. Thread-safe. */
sealed interface ResidentModel extends AutoCloseable permits LoadedModel, EmbeddingModel {
    /** What the model is called and, where known, the SHA-256 of its file and its quantisation. */
    record Identity(ModelId id, @Nullable Bytes digest, String quantisation) {}

    /** What every model of a backend shares. */
    record Engine(LlamaApi api, Settings settings, Clock clock, List<Device> devices) {
        boolean onGpu() {
            return devices.stream().anyMatch(device -> device.kind() != Device.Kind.CPU);
        }
    }

    /**
     * Checks a file and loads it.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the file is damaged or neither a model for embeddings nor
     *     one with a chat template
     */
    static ResidentModel open(Engine engine, Identity identity, Path weights) {
        GgufFile file = GgufFile.read(weights);
        return file.embeds()
                ? EmbeddingModel.open(engine, identity, weights, file)
                : LoadedModel.open(engine, identity, weights, file);
    }

    /**
     * About how many bytes a model takes when it is loaded.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the file is damaged
     */
    static long memoryNeeded(Engine engine, Path weights) {
        GgufFile file = GgufFile.read(weights);
        return file.embeds()
                ? EmbeddingModel.memoryNeeded(engine.settings(), file)
                : LoadedModel.memoryNeeded(engine.settings(), file);
    }

    /** Refuses what no model of that card can embed, loaded or not. */
    static void check(EmbeddingRequest request, ModelCard card) {
        if (!card.features().contains(Feature.EMBED)) {
            throw DecentralException.unsupported("feature " + Feature.EMBED + " of model " + request.model());
        }
    }

    ModelCard card();

    BackendLoad load();

    /** Admits a request for this model. */
    default TokenStream generate(GenerationRequest request) {
        throw DecentralException.unsupported("feature " + Feature.GENERATE + " of model " + request.model());
    }

    /** How many tokens the prompt has, also when they are more than the context. */
    default int countInputTokens(GenerationRequest request) {
        throw DecentralException.unsupported("feature " + Feature.GENERATE + " of model " + request.model());
    }

    /** Embeds every input; blocks. */
    default Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        throw DecentralException.unsupported("feature " + Feature.EMBED + " of model " + request.model());
    }

    /** Ends what runs and frees the memory. */
    @Override
    void close();
}
