package org.usedecentral.spi.inference;

import java.util.Map;
import java.util.OptionalLong;
import org.usedecentral.spi.DecentralException;

/** How tokens are chosen. Values are checked when built. Immutable. */
public final class Sampling {
    private final double temperature;
    private final double topP;
    private final int topK;
    private final double minP;
    private final double presencePenalty;
    private final double frequencyPenalty;
    private final OptionalLong seed;
    private final Map<Integer, Double> logitBias;

    private Sampling(Builder builder) {
        this.temperature = within("temperature", builder.temperature, 0, 2);
        this.topP = within("top_p", builder.topP, 0, 1);
        this.topK = (int) within("top_k", builder.topK, 0, 1_000_000);
        this.minP = within("min_p", builder.minP, 0, 1);
        this.presencePenalty = within("presence_penalty", builder.presencePenalty, -2, 2);
        this.frequencyPenalty = within("frequency_penalty", builder.frequencyPenalty, -2, 2);
        this.seed = builder.seed;
        this.logitBias = Map.copyOf(builder.logitBias);
    }

    private static double within(String name, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw DecentralException.invalid(name, name + " must lie in " + low + " … " + high);
        }
        return value;
    }

    /** Temperature 1, nothing cut, no seed. */
    public static Builder builder() {
        return new Builder();
    }

    /** 0 (greedy) … 2. */
    public double temperature() {
        return temperature;
    }

    /** Nucleus sampling; 1 cuts nothing. */
    public double topP() {
        return topP;
    }

    /** The most likely tokens kept; 0 keeps all. */
    public int topK() {
        return topK;
    }

    /** The least probability kept, relative to the best token; 0 keeps all. */
    public double minP() {
        return minP;
    }

    public double presencePenalty() {
        return presencePenalty;
    }

    public double frequencyPenalty() {
        return frequencyPenalty;
    }

    /** What makes sampling repeatable. */
    public OptionalLong seed() {
        return seed;
    }

    /** Added to the logits of these token ids. */
    public Map<Integer, Double> logitBias() {
        return logitBias;
    }

    /** Collects a {@link Sampling}. One thread. */
    public static final class Builder {
        private double temperature = 1;
        private double topP = 1;
        private int topK;
        private double minP;
        private double presencePenalty;
        private double frequencyPenalty;
        private OptionalLong seed = OptionalLong.empty();
        private Map<Integer, Double> logitBias = Map.of();

        private Builder() {}

        public Builder temperature(double value) {
            this.temperature = value;
            return this;
        }

        public Builder topP(double value) {
            this.topP = value;
            return this;
        }

        public Builder topK(int value) {
            this.topK = value;
            return this;
        }

        public Builder minP(double value) {
            this.minP = value;
            return this;
        }

        public Builder presencePenalty(double value) {
            this.presencePenalty = value;
            return this;
        }

        public Builder frequencyPenalty(double value) {
            this.frequencyPenalty = value;
            return this;
        }

        public Builder seed(long value) {
            this.seed = OptionalLong.of(value);
            return this;
        }

        public Builder logitBias(Map<Integer, Double> value) {
            this.logitBias = value;
            return this;
        }

        /** Throws {@code INVALID_REQUEST} naming the field that is out of range. */
        public Sampling build() {
            return new Sampling(this);
        }
    }
}
