package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;

/** Several answers to one prompt. */
interface ChoiceContract extends BackendFixture {
    @Test
    default void givesAsManyChoicesAsAreAskedFor() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.MULTIPLE_CHOICES);
        GenerationRequest one = asked.request(12);
        Collected single = asked.answer(one);
        Collected three = asked.answer(one.toBuilder().choices(3).build());
        assertThat(three.end().reasons()).hasSize(3);
        assertThat(three.events()).extracting(ChoiceContract::choice).containsOnly(0, 1, 2);
        int tokens = 0;
        for (int choice = 0; choice < 3; choice++) {
            assertThat(three.text(choice, PartKind.TEXT) + three.text(choice, PartKind.REASONING))
                    .as("choice %s", choice)
                    .isNotEmpty();
            int counted = three.countedTokens(choice);
            assertThat(counted).as("tokens of choice %s", choice).isBetween(1, 12);
            tokens += counted;
        }
        assertThat(three.usage().outputTokens()).as("usage is over all choices").isBetween(tokens, 3 * 12);
        assertThat(three.usage().inputTokens())
                .as("the prompt is counted once")
                .isEqualTo(single.usage().inputTokens());
        if (asked.has(Feature.DETERMINISTIC)) {
            assertThat(three.output())
                    .as("greedy choices are all alike")
                    .isEqualTo(List.of(
                            single.output().getFirst(),
                            single.output().getFirst(),
                            single.output().getFirst()));
            assertThat(three.usage().outputTokens())
                    .isEqualTo(3 * single.usage().outputTokens());
        }
        asked.awaitIdle();
    }

    private static int choice(GenerationEvent event) {
        return switch (event) {
            case GenerationEvent.TextDelta delta -> delta.choice();
            case GenerationEvent.ToolCallDelta delta -> delta.choice();
            case GenerationEvent.Finished _ -> -1;
        };
    }
}
