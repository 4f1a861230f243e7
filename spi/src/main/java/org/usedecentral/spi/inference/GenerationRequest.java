package org.usedecentral.spi.inference;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;

/** A request to generate text. Made by the runtime or an embedder, read by backends. Immutable. */
public final class GenerationRequest {
    private final ModelId model;
    private final List<Message> messages;
    private final Sampling sampling;
    private final int maxOutputTokens;
    private final List<String> stop;
    private final int choices;
    private final ResponseFormat format;
    private final List<Tool> tools;
    private final ToolChoice toolChoice;
    private final OptionalInt topLogprobs;
    private final String resumeFrom;

    private GenerationRequest(Builder builder) {
        this.model = builder.model;
        this.messages = List.copyOf(builder.messages);
        this.sampling = builder.sampling;
        this.maxOutputTokens = builder.maxOutputTokens;
        this.stop = List.copyOf(builder.stop);
        this.choices = builder.choices;
        this.format = builder.format;
        this.tools = List.copyOf(builder.tools);
        this.toolChoice = builder.toolChoice;
        this.topLogprobs = builder.topLogprobs;
        this.resumeFrom = builder.resumeFrom;
    }

    /** A request for one choice of text. */
    public static Builder builder(ModelId model, List<Message> messages) {
        return new Builder(model, messages);
    }

    public ModelId model() {
        return model;
    }

    public List<Message> messages() {
        return messages;
    }

    public Sampling sampling() {
        return sampling;
    }

    /** The most tokens a choice may have; 0: as many as the context leaves. */
    public int maxOutputTokens() {
        return maxOutputTokens;
    }

    /** Texts before which the output ends; they are not part of it. */
    public List<String> stop() {
        return stop;
    }

    /** How many answers to the same prompt. */
    public int choices() {
        return choices;
    }

    public ResponseFormat format() {
        return format;
    }

    public List<Tool> tools() {
        return tools;
    }

    public ToolChoice toolChoice() {
        return toolChoice;
    }

    /** How many alternatives with log probabilities a token carries; empty: none are asked for. */
    public OptionalInt topLogprobs() {
        return topLogprobs;
    }

    /** Assistant text already delivered, from which to go on; empty: none. */
    public String resumeFrom() {
        return resumeFrom;
    }

    /** The features a model must have to serve this request. */
    public Set<Feature> features() {
        Set<Feature> features = EnumSet.of(Feature.GENERATE);
        add(features, Feature.MULTIPLE_CHOICES, choices > 1);
        add(
                features,
                Feature.TOOLS,
                !tools.isEmpty()
                        || messages.stream().anyMatch(m -> !m.toolCalls().isEmpty()));
        add(features, Feature.LOGPROBS, topLogprobs.isPresent());
        add(features, Feature.RESUME, !resumeFrom.isEmpty());
        add(features, Feature.GRAMMAR, format.kind() == ResponseFormat.Kind.GRAMMAR);
        add(
                features,
                Feature.JSON_SCHEMA,
                format.kind() == ResponseFormat.Kind.JSON_SCHEMA || format.kind() == ResponseFormat.Kind.JSON_OBJECT);
        add(features, Feature.PENALTIES, sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0);
        add(features, Feature.LOGIT_BIAS, !sampling.logitBias().isEmpty());
        add(features, Feature.MIN_P, sampling.minP() != 0);
        add(
                features,
                Feature.IMAGES,
                messages.stream()
                        .flatMap(m -> m.parts().stream())
                        .anyMatch(Message.ContentPart.Image.class::isInstance));
        return features;
    }

    private static void add(Set<Feature> features, Feature feature, boolean needed) {
        if (needed) {
            features.add(feature);
        }
    }

    /**
     * Refuses this request when {@code card} lacks a feature it needs.
     *
     * @throws DecentralException {@code UNSUPPORTED_FEATURE} naming the first one missing
     */
    public void requireFeaturesOf(ModelCard card) {
        for (Feature feature : features()) {
            if (!card.features().contains(feature)) {
                throw DecentralException.unsupported("feature " + feature + " of model " + card.id());
            }
        }
    }

    /**
     * The card of this request's model, which has every feature it needs: how a backend begins to answer.
     *
     * @throws DecentralException {@code MODEL_NOT_FOUND} if there is no such card, {@code UNSUPPORTED_FEATURE} naming the first feature it lacks
     */
    public ModelCard cardAmong(List<ModelCard> cards) {
        ModelCard card = cards.stream()
                .filter(each -> each.id().equals(model))
                .findFirst()
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.MODEL_NOT_FOUND,
                        "there is no model " + model + " here; there are "
                                + cards.stream().map(ModelCard::id).toList()));
        requireFeaturesOf(card);
        return card;
    }

    /** A builder with this request's values. */
    public Builder toBuilder() {
        return new Builder(model, messages)
                .sampling(sampling)
                .maxOutputTokens(maxOutputTokens)
                .stop(stop)
                .choices(choices)
                .format(format)
                .tools(tools, toolChoice)
                .topLogprobs(topLogprobs)
                .resumeFrom(resumeFrom);
    }

    /** Collects a {@link GenerationRequest}. One thread. */
    public static final class Builder {
        private final ModelId model;
        private final List<Message> messages;
        private Sampling sampling = Sampling.builder().build();
        private int maxOutputTokens;
        private List<String> stop = List.of();
        private int choices = 1;
        private ResponseFormat format = ResponseFormat.TEXT;
        private List<Tool> tools = List.of();
        private ToolChoice toolChoice = ToolChoice.AUTO;
        private OptionalInt topLogprobs = OptionalInt.empty();
        private String resumeFrom = "";

        private Builder(ModelId model, List<Message> messages) {
            this.model = model;
            this.messages = messages;
        }

        public Builder sampling(Sampling value) {
            this.sampling = value;
            return this;
        }

        public Builder maxOutputTokens(int value) {
            this.maxOutputTokens = value;
            return this;
        }

        public Builder stop(List<String> value) {
            this.stop = value;
            return this;
        }

        public Builder choices(int value) {
            this.choices = value;
            return this;
        }

        public Builder format(ResponseFormat value) {
            this.format = value;
            return this;
        }

        public Builder tools(List<Tool> value, ToolChoice choice) {
            this.tools = value;
            this.toolChoice = choice;
            return this;
        }

        public Builder topLogprobs(OptionalInt value) {
            this.topLogprobs = value;
            return this;
        }

        public Builder resumeFrom(String value) {
            this.resumeFrom = value;
            return this;
        }

        /** Throws {@code INVALID_REQUEST} naming the field that is wrong. */
        public GenerationRequest build() {
            if (messages.isEmpty()) {
                throw DecentralException.invalid("messages", "messages must not be empty");
            }
            if (maxOutputTokens < 0) {
                throw DecentralException.invalid("max_tokens", "max_tokens must not be negative");
            }
            if (choices < 1 || choices > 128) {
                throw DecentralException.invalid("n", "n must lie in 1 … 128");
            }
            if (stop.size() > 16 || stop.stream().anyMatch(String::isEmpty)) {
                throw DecentralException.invalid("stop", "stop takes at most 16 texts, none of them empty");
            }
            return new GenerationRequest(this);
        }
    }
}
