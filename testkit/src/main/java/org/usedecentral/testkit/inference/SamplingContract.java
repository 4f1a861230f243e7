package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenInfo;

/** What chooses tokens: seeds, penalties, biases. */
interface SamplingContract extends BackendFixture {
    private static GenerationRequest sampled(GenerationRequest request, Sampling.Builder sampling) {
        return request.toBuilder().sampling(sampling.build()).build();
    }

    private static Sampling.Builder warm(long seed) {
        return Sampling.builder().temperature(1.5).seed(seed);
    }

    private static Sampling.Builder greedy() {
        return Sampling.builder().temperature(0).seed(1);
    }

    @Test
    default void samplesDifferentlyWithAnotherSeed() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE);
        assumeFalse(sameForEverySeed(), "this backend does not sample");
        assertThat(asked.answer(sampled(asked.request(32), warm(2))).output())
                .isNotEqualTo(asked.answer(sampled(asked.request(32), warm(1))).output());
    }

    @Test
    default void samplesTheSameWithTheSameSeed() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.DETERMINISTIC);
        for (Sampling.Builder sampling : List.of(greedy(), warm(1))) {
            GenerationRequest request = sampled(asked.request(32), sampling);
            Collected first = asked.answer(request);
            Collected second = asked.answer(request);
            assertThat(second.output()).isEqualTo(first.output());
            assertThat(second.usage().outputTokens()).isEqualTo(first.usage().outputTokens());
            assertThat(second.end().reasons()).isEqualTo(first.end().reasons());
        }
    }

    @Test
    default void minPOfOneKeepsTheLikeliestTokenAlone() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.MIN_P, Feature.DETERMINISTIC);
        List<String> likeliest = asked.answer(asked.request(24)).output();
        for (long seed = 1; seed <= 3; seed++) {
            assertThat(asked.answer(sampled(asked.request(24), warm(seed).minP(1)))
                            .output())
                    .as("seed %s", seed)
                    .isEqualTo(likeliest);
        }
    }

    @Test
    default void penaltiesMakeItRepeatLess() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.PENALTIES, Feature.DETERMINISTIC);
        GenerationRequest request = asked.request(repetitivePrompt(), 64);
        String plain = asked.answer(request).text();
        double repeated = repetition(plain);
        assertThat(repeated)
                .as("give a prompt whose answer repeats itself, not: %s", plain)
                .isGreaterThan(0);
        for (Sampling.Builder penalties : List.of(
                greedy().frequencyPenalty(2), greedy().frequencyPenalty(2).presencePenalty(2))) {
            String penalised = asked.answer(sampled(request, penalties)).text();
            assertThat(repetition(penalised)).as(penalised).isLessThan(repeated);
        }
    }

    /** The share of words that were said before. */
    private static double repetition(String text) {
        List<String> words = List.of(text.strip().split("\\W+"));
        return 1 - (double) words.stream().distinct().count() / words.size();
    }

    @Test
    default void aBiasBansATokenAndForcesAnother() throws InterruptedException {
        Asked asked = Asked.with(
                this, Feature.GENERATE, Feature.LOGIT_BIAS, Feature.LOGPROBS, Feature.TOKEN_IDS, Feature.DETERMINISTIC);
        GenerationRequest request =
                asked.request(12).toBuilder().topLogprobs(OptionalInt.of(0)).build();
        List<TokenInfo> plain = LogprobContract.infos(asked.answer(request));
        int banned = plain.getFirst().id();
        List<TokenInfo> without =
                LogprobContract.infos(asked.answer(sampled(request, greedy().logitBias(Map.of(banned, -100.0)))));
        assertThat(without).isNotEmpty().extracting(TokenInfo::id).doesNotContain(banned);

        int forced = plain.get(plain.size() / 2).id();
        List<TokenInfo> only =
                LogprobContract.infos(asked.answer(sampled(request, greedy().logitBias(Map.of(forced, 100.0)))));
        assertThat(only).isNotEmpty().extracting(TokenInfo::id).containsOnly(forced);
    }

    @Test
    default void aBiasChangesTheOutput() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.LOGIT_BIAS, Feature.DETERMINISTIC);
        List<String> plain = asked.answer(asked.request(12)).output();
        // Ids of ordinary tokens in every vocabulary there is.
        for (int id : new int[] {1000, 2000}) {
            assertThat(asked.answer(sampled(asked.request(12), greedy().logitBias(Map.of(id, 100.0))))
                            .output())
                    .as("token %s forced", id)
                    .isNotEqualTo(plain);
        }
    }
}
