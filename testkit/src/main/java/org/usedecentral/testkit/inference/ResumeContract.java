package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;

/** Going on from text already delivered. */
interface ResumeContract extends BackendFixture {
    @Test
    default void resumesWhereItWasCut() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.RESUME);
        String whole = asked.answer(asked.request(24)).text();
        // At a blank, where no token is torn apart.
        int cut = whole.indexOf(' ', whole.length() / 2);
        String first = whole.substring(0, cut < 0 ? whole.length() : cut);
        GenerationRequest rest = asked.request(8).toBuilder().resumeFrom(first).build();
        Collected resumed = asked.answer(rest);
        assertThat(resumed.text()).isNotEmpty().doesNotStartWith(first);
        assertThat(resumed.usage().outputTokens()).as("only its own tokens").isBetween(1, 8);
        assertThat(resumed.usage().inputTokens())
                .as("the text it goes on from is input")
                .isGreaterThan(asked.answer(asked.request(1)).usage().inputTokens());
        if (resumesExactly() && asked.has(Feature.DETERMINISTIC)) {
            String both = first + resumed.text();
            int common = Math.min(whole.length(), both.length());
            assertThat(both.substring(0, common)).isEqualTo(whole.substring(0, common));
        }
        asked.awaitIdle();
    }

    @Test
    default void aLimitOnResumedTextIsOnWhatIsNew() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.RESUME, Feature.DETERMINISTIC);
        String first = asked.answer(asked.request(8)).text();
        Collected resumed =
                asked.answer(asked.request(3).toBuilder().resumeFrom(first).build());
        assertThat(resumed.usage().outputTokens()).isBetween(1, 3);
    }
}
