package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;

/** Log probabilities. */
interface LogprobContract extends BackendFixture {
    @Test
    default void givesLogProbabilitiesOneATokenWhenAsked() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.LOGPROBS);
        GenerationRequest request =
                asked.request(8).toBuilder().topLogprobs(OptionalInt.of(2)).build();
        Collected answer = Collected.from(asked.backend().generate(request));
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.TextDelta delta) {
                assertThat(delta.info()).hasSize(delta.tokens());
                assertThat(delta.info()).allSatisfy(info -> {
                    assertThat(info.logProbability()).isLessThanOrEqualTo(0);
                    assertThat(info.alternatives()).hasSizeLessThanOrEqualTo(2);
                });
            }
        }
    }
}
