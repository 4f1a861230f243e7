package org.usedecentral.testkit.inference;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.FieldSource;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.ModelCard;

/** Deliberately limited models, side by side in one backend: each passes the contract for what it lists, and refuses the rest. */
@ParameterizedClass
@FieldSource("CARDS")
record LimitedBackendsTest(ModelCard card) implements InferenceBackendContract {
    static final List<ModelCard> CARDS = List.of(
            ScriptedBackend.card("generates"),
            ScriptedBackend.embeddingCard("embeds"),
            ScriptedBackend.embeddingCard("embeds-repeatably", Feature.DETERMINISTIC),
            ScriptedBackend.card("generates-and-embeds", Feature.EMBED, Feature.DETERMINISTIC));

    @Override
    public InferenceBackend backend() {
        ScriptedBackend.Builder builder = ScriptedBackend.builder();
        CARDS.forEach(builder::model);
        ScriptedBackend backend = builder.build();
        // An answer without a limit lasts seconds, as an engine's does, so that there is time to cancel it.
        Script endless = Script.words(2000).paced(Duration.ofMillis(1));
        backend.answer(request -> request.maxOutputTokens() == 0 ? endless : Script.words(200));
        return backend;
    }

    @Override
    public ModelId model() {
        return card.id();
    }

    @Override
    public boolean sameForEverySeed() {
        return true;
    }
}
