package org.usedecentral.spi.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;

final class GenerationRequestTest {
    private static final ModelId MODEL = new ModelId("m");
    private static final List<Message> MESSAGES = List.of(Message.of(Message.Role.USER, "Hi"));

    private static GenerationRequest request(UnaryOperator<GenerationRequest.Builder> with) {
        return with.apply(GenerationRequest.builder(MODEL, MESSAGES)).build();
    }

    private static Sampling sampling(UnaryOperator<Sampling.Builder> with) {
        return with.apply(Sampling.builder()).build();
    }

    @Test
    void needsTheFeatureOfEveryFieldThatIsSet() {
        needs(r -> r);
        needs(r -> r.choices(2), Feature.MULTIPLE_CHOICES);
        needs(r -> r.tools(List.of(new Tool("f", "", "{}", false)), ToolChoice.AUTO), Feature.TOOLS);
        needs(r -> r.topLogprobs(OptionalInt.of(0)), Feature.LOGPROBS);
        needs(r -> r.resumeFrom("Once"), Feature.RESUME);
        needs(r -> r.format(new ResponseFormat(ResponseFormat.Kind.GRAMMAR, "root ::= \"a\"")), Feature.GRAMMAR);
        needs(r -> r.format(new ResponseFormat(ResponseFormat.Kind.JSON_OBJECT, "")), Feature.JSON_SCHEMA);
        needs(r -> r.format(new ResponseFormat(ResponseFormat.Kind.JSON_SCHEMA, "{}")), Feature.JSON_SCHEMA);
        needs(r -> r.sampling(sampling(s -> s.presencePenalty(1))), Feature.PENALTIES);
        needs(r -> r.sampling(sampling(s -> s.frequencyPenalty(-1))), Feature.PENALTIES);
        needs(r -> r.sampling(sampling(s -> s.logitBias(Map.of(1, 1.0)))), Feature.LOGIT_BIAS);
        needs(r -> r.sampling(sampling(s -> s.minP(0.1))), Feature.MIN_P);
    }

    @Test
    void imagesAndEarlierCallsNeedTheirFeatures() {
        Message image = new Message(
                Message.Role.USER,
                List.of(new Message.ContentPart.Image("image/png", Bytes.empty())),
                null,
                List.of(),
                null);
        Message call = new Message(
                Message.Role.ASSISTANT, List.of(), null, List.of(new Message.ToolCall("1", "f", "{}")), null);
        assertThat(GenerationRequest.builder(MODEL, List.of(image)).build().features())
                .contains(Feature.IMAGES);
        assertThat(GenerationRequest.builder(MODEL, List.of(call)).build().features())
                .contains(Feature.TOOLS);
    }

    private static void needs(UnaryOperator<GenerationRequest.Builder> with, Feature... features) {
        Set<Feature> expected = EnumSet.of(Feature.GENERATE, features);
        GenerationRequest request = request(with);
        assertThat(request.features()).isEqualTo(expected);
        assertThat(request.toBuilder().build().features()).isEqualTo(expected);
    }

    @Test
    void refusesAModelThatLacksAFeatureByName() {
        ModelCard card = new ModelCard(MODEL, null, new ModelLimits(10, 10, 0), "", Set.of(Feature.GENERATE));
        request(r -> r).requireFeaturesOf(card);
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> request(r -> r.choices(2)).requireFeaturesOf(card))
                .withMessageContaining("MULTIPLE_CHOICES")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE));
    }

    @Test
    void namesTheFieldThatIsWrong() {
        wrong("messages", () -> GenerationRequest.builder(MODEL, List.of()).build());
        wrong("max_tokens", () -> request(r -> r.maxOutputTokens(-1)));
        wrong("n", () -> request(r -> r.choices(0)));
        wrong("n", () -> request(r -> r.choices(129)));
        wrong("stop", () -> request(r -> r.stop(List.of(""))));
        wrong("temperature", () -> sampling(s -> s.temperature(2.1)));
        wrong("temperature", () -> sampling(s -> s.temperature(Double.NaN)));
        wrong("top_p", () -> sampling(s -> s.topP(-0.1)));
        wrong("top_k", () -> sampling(s -> s.topK(-1)));
        wrong("min_p", () -> sampling(s -> s.minP(1.1)));
        wrong("presence_penalty", () -> sampling(s -> s.presencePenalty(3)));
        wrong("frequency_penalty", () -> sampling(s -> s.frequencyPenalty(-3)));
        wrong("input", () -> EmbeddingRequest.of(MODEL, List.of()));
    }

    private static void wrong(String field, ThrowingCallable call) {
        assertThatExceptionOfType(DecentralException.class).isThrownBy(call).satisfies(e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.parameter()).isEqualTo(field);
        });
    }
}
