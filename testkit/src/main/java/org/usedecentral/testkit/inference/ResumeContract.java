package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;

/** Going on from text already delivered. */
interface ResumeContract extends BackendFixture {
    @Test
    default void resumesWhereItWasCut() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.RESUME, Feature.DETERMINISTIC);
        String first =
                Collected.from(asked.backend().generate(asked.request(8))).text();
        GenerationRequest rest = asked.request(8).toBuilder().resumeFrom(first).build();
        Collected resumed = Collected.from(asked.backend().generate(rest));
        assertThat(resumed.text()).isNotEmpty().doesNotStartWith(first);
        assertThat(resumed.usage().outputTokens()).as("only its own tokens").isLessThanOrEqualTo(8);
    }
}
