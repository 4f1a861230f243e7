package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;

/** What a model says it is, and what is refused because it did not say so. */
interface RefusalContract extends BackendFixture {
    @Test
    default void saysWhatItIs() {
        Asked asked = Asked.with(this);
        InferenceBackend backend = asked.backend();
        assertThat(backend.name()).isNotBlank();
        assertThat(backend.type()).isNotBlank();
        assertThat(backend.devices()).isNotEmpty();
        assertThat(asked.card().features()).containsAnyOf(Feature.GENERATE, Feature.EMBED);
        assertThat(backend.models()).extracting(ModelCard::id).doesNotHaveDuplicates();
        BackendLoad load = backend.load();
        assertThat(load.slots()).isPositive();
        assertThat(load.running()).isBetween(0, load.slots());
        assertThat(load.waiting()).isNotNegative();
        assertThat(load.kvCacheUse()).isBetween(0.0, 1.0);
    }

    @Test
    default void refusesAModelItDoesNotHave() {
        Asked asked = Asked.with(this);
        InferenceBackend backend = asked.backend();
        ModelId unknown = new ModelId("no-such-model");
        GenerationRequest request =
                GenerationRequest.builder(unknown, asked.request(1).messages()).build();
        // A backend that does not generate at all may leave the method as it is.
        if (anyModel(backend, Feature.GENERATE)) {
            Asked.refused(ErrorCode.MODEL_NOT_FOUND, () -> backend.generate(request));
            if (countsInputTokens()) {
                Asked.refused(ErrorCode.MODEL_NOT_FOUND, () -> backend.countInputTokens(request));
            }
        }
        if (anyModel(backend, Feature.EMBED)) {
            Asked.refused(
                    ErrorCode.MODEL_NOT_FOUND, () -> backend.embed(EmbeddingRequest.of(unknown, List.of("a text"))));
        }
    }

    private static boolean anyModel(InferenceBackend backend, Feature feature) {
        return backend.models().stream().anyMatch(card -> card.features().contains(feature));
    }

    @Test
    default void refusesToGenerateWhereThatIsNotListed() throws InterruptedException {
        Asked asked = Asked.with(this);
        assumeFalse(asked.has(Feature.GENERATE), "the model lists GENERATE");
        GenerationRequest request = asked.request(1);
        Asked.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> asked.backend().generate(request));
        Asked.refused(ErrorCode.UNSUPPORTED_FEATURE, () -> asked.backend().countInputTokens(request));
        asked.awaitIdle();
    }

    @Test
    default void refusesAPromptLongerThanTheContext() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        String prompt = "word ".repeat(asked.card().limits().contextTokens() + 1);
        GenerationRequest request = GenerationRequest.builder(model(), List.of(Message.of(Message.Role.USER, prompt)))
                .maxOutputTokens(1)
                .build();
        Asked.refused(ErrorCode.CONTEXT_TOO_LONG, () -> asked.backend().generate(request));
        asked.awaitIdle();
    }

    @Test
    default void refusesEveryFeatureThatIsNotListed() throws InterruptedException {
        Asked asked = Asked.with(this);
        Set<Feature> listed = asked.card().features();
        FeatureProbe.ASKING.forEach((feature, asking) -> {
            if (!listed.contains(feature)) {
                Asked.refused(
                        ErrorCode.UNSUPPORTED_FEATURE, () -> asked.backend().generate(asking.apply(asked.request(1))));
            }
        });
        if (!listed.contains(Feature.EMBED)) {
            Asked.refused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    () -> asked.backend().embed(EmbeddingRequest.of(model(), List.of("a text"))));
        }
        asked.awaitIdle();
    }

    @Test
    default void doesNotRefuseAFeatureThatIsListed() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        for (Feature feature : asked.card().features()) {
            var asking = FeatureProbe.ASKING.get(feature);
            if (asking != null) {
                Collected answer = Collected.from(asked.backend().generate(asking.apply(asked.request(16))));
                assertThat(answer.end().reasons())
                        .as("asked for %s", feature)
                        .hasSize(feature == Feature.MULTIPLE_CHOICES ? 2 : 1);
            }
        }
        asked.awaitIdle();
    }
}
