package org.usedecentral.testkit.inference;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** For each feature that a request can ask for, how to ask. Features with no field of their own are not here. */
final class FeatureProbe {
    static final Map<Feature, UnaryOperator<GenerationRequest>> ASKING = asking();

    private FeatureProbe() {}

    private static Map<Feature, UnaryOperator<GenerationRequest>> asking() {
        Map<Feature, UnaryOperator<GenerationRequest>> asking = new EnumMap<>(Feature.class);
        asking.put(Feature.MULTIPLE_CHOICES, r -> r.toBuilder().choices(2).build());
        asking.put(
                Feature.GRAMMAR,
                r -> r.toBuilder()
                        .format(new ResponseFormat(ResponseFormat.Kind.GRAMMAR, "root ::= \"yes\" | \"no\""))
                        .build());
        asking.put(
                Feature.JSON_SCHEMA,
                r -> r.toBuilder()
                        .format(
                                new ResponseFormat(
                                        ResponseFormat.Kind.JSON_SCHEMA,
                                        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}"))
                        .build());
        asking.put(
                Feature.TOOLS,
                r -> r.toBuilder()
                        .tools(
                                List.of(new Tool(
                                        "weather",
                                        "The weather of a city",
                                        "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}",
                                        false)),
                                ToolChoice.AUTO)
                        .build());
        asking.put(
                Feature.LOGPROBS,
                r -> r.toBuilder().topLogprobs(OptionalInt.of(2)).build());
        asking.put(Feature.RESUME, r -> r.toBuilder().resumeFrom("Once upon").build());
        asking.put(
                Feature.PENALTIES,
                r -> r.toBuilder()
                        .sampling(Sampling.builder().presencePenalty(0.5).build())
                        .build());
        asking.put(
                Feature.LOGIT_BIAS,
                r -> r.toBuilder()
                        .sampling(Sampling.builder().logitBias(Map.of(1, -1.0)).build())
                        .build());
        asking.put(
                Feature.MIN_P,
                r -> r.toBuilder()
                        .sampling(Sampling.builder().minP(0.05).build())
                        .build());
        asking.put(
                Feature.IMAGES,
                r -> GenerationRequest.builder(r.model(), List.of(image()))
                        .maxOutputTokens(r.maxOutputTokens())
                        .build());
        return asking;
    }

    /** One red pixel. */
    private static Message image() {
        Bytes png = Bytes.fromBase64(
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");
        return new Message(
                Message.Role.USER,
                List.of(new Message.ContentPart.Text("What is this?"), new Message.ContentPart.Image("image/png", png)),
                null,
                List.of(),
                null);
    }
}
