package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Sampling;

final class SamplerTest {
    private static final int DRAWS = 40_000;

    @Test
    void greedyTakesTheFirstOfTheBest() {
        assertThat(draw(Sampling.builder().temperature(0).build(), 1, 0.5f, 3f, -1f, 3f))
                .isEqualTo(1);
    }

    @Test
    void saysThatNothingIsANumber() {
        assertThat(draw(Sampling.builder().build(), 1, Float.NaN, Float.NaN)).isEqualTo(-1);
    }

    @Test
    void drawsInProportionToTheProbabilities() {
        float[] logits = {0f, (float) Math.log(2), (float) Math.log(5), Float.NEGATIVE_INFINITY};
        double[] shares = shares(Sampling.builder().build(), logits);
        assertThat(shares[0]).isCloseTo(1 / 8.0, within(0.01));
        assertThat(shares[1]).isCloseTo(2 / 8.0, within(0.01));
        assertThat(shares[2]).isCloseTo(5 / 8.0, within(0.01));
        assertThat(shares[3]).isZero();
    }

    @Test
    void temperatureSharpens() {
        float[] logits = {0f, (float) Math.log(3)};
        assertThat(shares(Sampling.builder().temperature(0.5).build(), logits)[1])
                .isCloseTo(0.9, within(0.01));
    }

    @Test
    void topKKeepsTheBestAndTheirProportions() {
        float[] logits = {0f, (float) Math.log(2), (float) Math.log(6), (float) Math.log(1.5)};
        double[] shares = shares(Sampling.builder().topK(2).build(), logits);
        assertThat(shares[0]).isZero();
        assertThat(shares[3]).isZero();
        assertThat(shares[1]).isCloseTo(0.25, within(0.01));
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        float[] logits = {0f, (float) Math.log(2), (float) Math.log(5)};
        double[] shares = shares(Sampling.builder().topP(0.8).build(), logits);
        assertThat(shares[0]).isZero();
        assertThat(shares[1]).isCloseTo(2 / 7.0, within(0.01));
    }

    @Test
    void topPZeroIsGreedy() {
        assertThat(shares(Sampling.builder().topP(0).build(), 0f, 1f, 0.9f)[1]).isEqualTo(1.0);
    }

    @Test
    void aFlatNucleusGrowsBeyondTheFirstGuess() {
        Sampler sampler = new Sampler(Sampling.builder().topP(0.5).build(), 1);
        Sampler.Scratch scratch = new Sampler.Scratch(2000);
        int highest = 0;
        for (int i = 0; i < 300; i++) {
            highest = Math.max(highest, sampler.sample(scratch));
        }
        // Of equals the first are kept: half of them.
        assertThat(highest).isBetween(900, 1000);
    }

    @Test
    void topPIsOfWhatTopKLeft() {
        float[] logits = {0f, 0f, (float) Math.log(2), (float) Math.log(4)};
        double[] shares = shares(Sampling.builder().topK(2).topP(0.6).build(), logits);
        assertThat(shares[3]).isEqualTo(1.0);
    }

    @Test
    void minPKeepsWhatComesNearTheBestAfterTheTemperature() {
        float[] logits = {0f, (float) Math.log(3), (float) Math.log(10)};
        double[] shares = shares(Sampling.builder().minP(0.2).build(), logits);
        assertThat(shares[0]).isZero();
        assertThat(shares[1]).isCloseTo(3 / 13.0, within(0.01));
        // At twice the temperature the ratios are square roots, and all come near enough.
        assertThat(shares(Sampling.builder().minP(0.2).temperature(2).build(), logits)[0])
                .isCloseTo(1 / (1 + Math.sqrt(3) + Math.sqrt(10)), within(0.01));
    }

    @Test
    void minPOneIsGreedy() {
        assertThat(shares(Sampling.builder().minP(1).build(), 0f, 1f, 0.9f)[1]).isEqualTo(1.0);
    }

    @Test
    void minPTakesPartWithTopKAndTopP() {
        float[] logits = {0f, (float) Math.log(6), (float) Math.log(8), (float) Math.log(10)};
        double[] shares = shares(Sampling.builder().minP(0.5).topK(2).build(), logits);
        assertThat(shares[1]).isZero();
        assertThat(shares[2]).isCloseTo(8 / 18.0, within(0.01));
        assertThat(shares(Sampling.builder().minP(0.7).topP(0.99).build(), logits)[1])
                .isZero();
    }

    @Test
    void penaltiesCountWhatWasGeneratedAndBiasIsAlwaysAdded() {
        Sampling sampling = Sampling.builder()
                .presencePenalty(0.5)
                .frequencyPenalty(0.25)
                .logitBias(Map.of(2, -100.0, 0, 1.0))
                .build();
        LogitChange change = LogitChange.of(sampling, 4);
        float[] first = {1, 1, 1, 1};
        change.apply(first);
        assertThat(first).containsExactly(2, 1, -99, 1);
        change.count(1);
        change.count(1);
        change.count(3);
        float[] later = {1, 1, 1, 1};
        change.apply(later);
        assertThat(later).containsExactly(2, 0, -99, 0.25f);
    }

    @Test
    void theSameSeedDrawsTheSame() {
        float[] logits = new float[1000];
        Random random = new Random(7);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian() * 3;
        }
        Sampling sampling = Sampling.builder().topK(100).topP(0.95).build();
        assertThat(sequence(sampling, 42, logits)).isEqualTo(sequence(sampling, 42, logits));
        assertThat(sequence(sampling, 42, logits)).isNotEqualTo(sequence(sampling, 43, logits));
    }

    private static int[] sequence(Sampling sampling, long seed, float... logits) {
        Sampler sampler = new Sampler(sampling, seed);
        Sampler.Scratch scratch = scratch(logits);
        int[] tokens = new int[50];
        Arrays.setAll(tokens, i -> sampler.sample(scratch));
        return tokens;
    }

    private static double[] shares(Sampling sampling, float... logits) {
        Sampler sampler = new Sampler(sampling, 1);
        Sampler.Scratch scratch = scratch(logits);
        double[] shares = new double[logits.length];
        for (int i = 0; i < DRAWS; i++) {
            shares[sampler.sample(scratch)] += 1.0 / DRAWS;
        }
        Arrays.setAll(shares, i -> Math.round(shares[i] * DRAWS) / (double) DRAWS);
        return shares;
    }

    private static int draw(Sampling sampling, long seed, float... logits) {
        return new Sampler(sampling, seed).sample(scratch(logits));
    }

    private static Sampler.Scratch scratch(float... logits) {
        Sampler.Scratch scratch = new Sampler.Scratch(logits.length);
        System.arraycopy(logits, 0, scratch.logits, 0, logits.length);
        return scratch;
    }
}
