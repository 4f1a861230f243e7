package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.TokenInfo;

/** Log probabilities and token ids. */
interface LogprobContract extends BackendFixture {
    private static GenerationRequest asking(GenerationRequest request, int top) {
        return request.toBuilder().topLogprobs(OptionalInt.of(top)).build();
    }

    @Test
    default void givesOneLogProbabilityForEachToken() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.LOGPROBS);
        Collected answer = asked.answer(asking(asked.request(12), 3));
        List<TokenInfo> infos = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.TextDelta delta) {
                assertThat(delta.info()).as("one a token").hasSize(delta.tokens());
                infos.addAll(delta.info());
                text.append(delta.text());
            }
        }
        assertThat(infos).isNotEmpty().allSatisfy(info -> {
            check(info);
            assertThat(info.alternatives()).as("as many as asked for").hasSize(3);
            info.alternatives().forEach(LogprobContract::check);
            assertThat(info.alternatives())
                    .extracting(TokenInfo::logProbability)
                    .as("the likeliest first")
                    .isSortedAccordingTo((a, b) -> Double.compare(b, a));
            assertThat(info.alternatives())
                    .extracting(TokenInfo::bytes)
                    .as("alternatives")
                    .doesNotHaveDuplicates();
            assertThat(info.alternatives().getFirst().logProbability())
                    .as("greedy takes the likeliest")
                    .isGreaterThanOrEqualTo(info.logProbability() - 1e-6);
        });
        Bytes all = Bytes.concat(infos.stream().map(TokenInfo::bytes).toArray(Bytes[]::new));
        Bytes shown = Bytes.utf8(text.toString());
        assertThat(all.length())
                .as("the tokens' bytes are the text, but for a character cut at the limit")
                .isBetween(shown.length(), shown.length() + 3);
        assertThat(all.slice(0, shown.length())).isEqualTo(shown);
    }

    private static void check(TokenInfo info) {
        assertThat(info.logProbability()).isLessThanOrEqualTo(0).isNotNaN();
    }

    @Test
    default void givesNoAlternativesWhenNoneAreAskedFor() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.LOGPROBS);
        List<TokenInfo> infos = infos(asked.answer(asking(asked.request(4), 0)));
        assertThat(infos)
                .isNotEmpty()
                .allSatisfy(info -> assertThat(info.alternatives()).isEmpty());
    }

    @Test
    default void logProbabilitiesDoNotChangeTheOutput() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.LOGPROBS, Feature.DETERMINISTIC);
        assertThat(asked.answer(asking(asked.request(16), 2)).output())
                .isEqualTo(asked.answer(asked.request(16)).output());
    }

    @Test
    default void showsTokenIdsIfListedAndOnlyThen() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.LOGPROBS);
        boolean shown = asked.has(Feature.TOKEN_IDS);
        assertThat(infos(asked.answer(asking(asked.request(8), 1))))
                .isNotEmpty()
                .allSatisfy(info -> {
                    assertThat(info.id() >= 0).as("an id: %s", info.id()).isEqualTo(shown);
                    for (TokenInfo alternative : info.alternatives()) {
                        assertThat(alternative.id() >= 0)
                                .as("an id: %s", alternative.id())
                                .isEqualTo(shown);
                    }
                });
    }

    /** Those of every text of the first choice. */
    static List<TokenInfo> infos(Collected answer) {
        List<TokenInfo> infos = new ArrayList<>();
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.TextDelta delta && delta.choice() == 0) {
                infos.addAll(delta.info());
            }
        }
        return infos;
    }
}
