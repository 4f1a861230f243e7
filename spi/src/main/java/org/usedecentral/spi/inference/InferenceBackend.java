package org.usedecentral.spi.inference;

import java.nio.file.Path;
import java.util.List;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.models.ModelArtifact;

/** An inference engine. Thread-safe, callable from virtual threads. What a model's features do not list is refused with {@code UNSUPPORTED_FEATURE}. */
public interface InferenceBackend extends Plugin {
    /** The devices that are really used. */
    List<Device> devices();

    /** The models that can be asked for now. */
    List<ModelCard> models();

    /** How busy the engine is: cheap, asked once per heartbeat. */
    BackendLoad load();

    /**
     * Adds a model; blocks until it can be asked for. An engine with a memory limit may unload it again while nobody asks, as long as {@link #models} lists it
     * and a request loads it anew.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the weights are damaged, of another format or need more memory than there is; {@code CONFLICT} if
     *     the engine runs one model only and has it
     */
    default void load(ModelArtifact model, Path weights) throws InterruptedException {
        throw DecentralException.unsupported("loading models into backend " + name());
    }

    /**
     * Admits a request and begins to generate; never queues without bound.
     *
     * @throws DecentralException {@code OVERLOADED} when every slot is taken, {@code MODEL_NOT_FOUND}, {@code CONTEXT_TOO_LONG},
     *     {@code UNSUPPORTED_FEATURE}, {@code INVALID_REQUEST}
     */
    default TokenStream generate(GenerationRequest request) {
        throw DecentralException.unsupported("generation by backend " + name());
    }

    /**
     * How many tokens the prompt of {@code request} has, template included; generates nothing. Asked before a lock when the prompt's bytes alone cannot tell
     * whether it fits the context.
     *
     * @throws DecentralException as {@link #generate} does for the same request, but for {@code CONTEXT_TOO_LONG} and {@code OVERLOADED}
     */
    default int countInputTokens(GenerationRequest request) {
        throw DecentralException.unsupported("counting tokens by backend " + name());
    }

    /** Embeds every input; blocks. */
    default Embeddings embed(EmbeddingRequest request) throws InterruptedException {
        throw DecentralException.unsupported("embedding by backend " + name());
    }
}
