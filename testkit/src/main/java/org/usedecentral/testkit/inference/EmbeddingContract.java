package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;

/** Embedding texts. */
interface EmbeddingContract extends BackendFixture {
    /** Numbers in another batch may be added up in another order; vectors of different texts differ by far more. */
    Offset<Double> SAME = Offset.offset(0.01);

    private Embeddings embed(Asked asked, List<String> inputs) throws InterruptedException {
        return asked.backend().embed(EmbeddingRequest.of(model(), inputs));
    }

    /** 1 for vectors of one direction. */
    private static double cosine(Embeddings.Vector a, Embeddings.Vector b) {
        double product = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int i = 0; i < a.dimensions(); i++) {
            product += (double) a.get(i) * b.get(i);
            squaresOfA += (double) a.get(i) * a.get(i);
            squaresOfB += (double) b.get(i) * b.get(i);
        }
        return product / Math.sqrt(squaresOfA * squaresOfB);
    }

    @Test
    default void embedsEachInputInItsPlace() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.EMBED);
        List<String> inputs =
                List.of("A cat sleeps.", "The stock market fell by three percent today.", "A cat sleeps.");
        Embeddings together = embed(asked, inputs);
        assertThat(together.vectors()).hasSize(3);
        int dimensions = together.vectors().getFirst().dimensions();
        assertThat(dimensions).isPositive();
        for (int i = 0; i < inputs.size(); i++) {
            Embeddings.Vector vector = together.vectors().get(i);
            assertThat(vector.dimensions()).isEqualTo(dimensions);
            for (float value : vector.toArray()) {
                assertThat(value).isFinite();
            }
            Embeddings.Vector alone =
                    embed(asked, List.of(inputs.get(i))).vectors().getFirst();
            assertThat(cosine(vector, alone)).as("input %s alone", i).isEqualTo(1, SAME);
        }
        assertThat(cosine(together.vectors().get(0), together.vectors().get(1)))
                .as("different texts")
                .isLessThan(1 - SAME.value);
    }

    @Test
    default void usageOfEmbeddingsIsTheInputs() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.EMBED);
        Embeddings one = embed(asked, List.of("a b c"));
        Embeddings two = embed(asked, List.of("a b c", "d"));
        assertThat(one.usage().inputTokens()).isPositive();
        assertThat(one.usage().outputTokens()).isZero();
        assertThat(two.usage().inputTokens())
                .isEqualTo(one.usage().inputTokens()
                        + embed(asked, List.of("d")).usage().inputTokens());
        assertThat(two.usage().outputTokens()).isZero();
        asked.awaitIdle();
    }

    @Test
    default void embedsManyInputsInOrder() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.EMBED);
        List<String> inputs = new ArrayList<>(Collections.nCopies(39, "The sea is calm."));
        inputs.set(17, "Parliament votes on the budget.");
        inputs.add("");
        Embeddings many = embed(asked, inputs);
        assertThat(many.vectors()).hasSize(40);
        Embeddings.Vector calm = many.vectors().getFirst();
        for (int i = 0; i < 39; i++) {
            double cosine = cosine(calm, many.vectors().get(i));
            if (i == 17) {
                assertThat(cosine).as("the odd one").isLessThan(1 - SAME.value);
            } else {
                assertThat(cosine).as("input %s", i).isEqualTo(1, SAME);
            }
        }
        assertThat(many.vectors().getLast().dimensions()).as("an empty text").isEqualTo(calm.dimensions());
    }

    @Test
    default void embedsTheSameTextTheSameWay() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.EMBED, Feature.DETERMINISTIC);
        List<String> inputs = List.of("once", "twice");
        Embeddings first = embed(asked, inputs);
        Embeddings second = embed(asked, inputs);
        for (int i = 0; i < inputs.size(); i++) {
            assertThat(second.vectors().get(i).toArray())
                    .isEqualTo(first.vectors().get(i).toArray());
        }
        assertThat(second.usage()).isEqualTo(first.usage());
    }

    @Test
    default void refusesAnInputLongerThanTheContext() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.EMBED);
        String input = "word ".repeat(asked.card().limits().contextTokens() + 1);
        Asked.refused(ErrorCode.CONTEXT_TOO_LONG, () -> {
            Embeddings _ = embed(asked, List.of("short", input));
        });
        asked.awaitIdle();
    }
}
