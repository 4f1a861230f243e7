package org.usedecentral.spi.inference;

import java.util.List;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;

/** A request to embed texts. Immutable. */
public final class EmbeddingRequest {
    private final ModelId model;
    private final List<String> inputs;

    private EmbeddingRequest(ModelId model, List<String> inputs) {
        this.model = model;
        this.inputs = inputs;
    }

    /** Throws {@code INVALID_REQUEST} if there is no input. */
    public static EmbeddingRequest of(ModelId model, List<String> inputs) {
        if (inputs.isEmpty()) {
            throw DecentralException.invalid("input", "input must not be empty");
        }
        return new EmbeddingRequest(model, List.copyOf(inputs));
    }

    public ModelId model() {
        return model;
    }

    public List<String> inputs() {
        return inputs;
    }
}
