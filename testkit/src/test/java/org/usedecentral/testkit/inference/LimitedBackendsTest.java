package org.usedecentral.testkit.inference;

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
            ScriptedBackend.card("generates-and-embeds", Feature.EMBED, Feature.DETERMINISTIC),
            ScriptedBackend.card("tools-without-grammar", Feature.TOOLS, Feature.DETERMINISTIC),
            ScriptedBackend.card("grammar-without-tools", Feature.GRAMMAR),
            ScriptedBackend.card("schema-alone", Feature.JSON_SCHEMA, Feature.MULTIPLE_CHOICES),
            ScriptedBackend.card("logprobs-without-ids", Feature.LOGPROBS, Feature.LOGIT_BIAS, Feature.DETERMINISTIC),
            ScriptedBackend.card("logprobs-with-ids", Feature.LOGPROBS, Feature.TOKEN_IDS),
            ScriptedBackend.card("resumes", Feature.RESUME, Feature.PREFIX_CACHING),
            ScriptedBackend.card("reasons", Feature.REASONING, Feature.PENALTIES, Feature.MIN_P, Feature.DETERMINISTIC),
            ScriptedBackend.card("everything", Feature.values()));

    @Override
    public InferenceBackend backend() {
        ScriptedBackend.Builder builder = ScriptedBackend.builder();
        CARDS.forEach(builder::model);
        ScriptedBackend backend = builder.build();
        return ScriptedBackendTest.unhurried(backend);
    }

    @Override
    public ModelId model() {
        return card.id();
    }

    @Override
    public boolean sameForEverySeed() {
        return true;
    }

    @Override
    public boolean resumesExactly() {
        return true;
    }

    @Override
    public String repetitivePrompt() {
        return "Say: sun moon sun moon sun moon sun and moon again";
    }
}
