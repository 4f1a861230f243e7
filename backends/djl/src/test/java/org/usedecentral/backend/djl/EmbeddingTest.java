package org.usedecentral.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.InferenceBackend;

/** What the real model's vectors mean, and how they come about. */
@Timeout(120)
final class EmbeddingTest {
    @TempDir
    static Path directory;

    private static InferenceBackend backend;

    @BeforeAll
    static void start() {
        backend = Minilm.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    private static Embeddings embed(InferenceBackend asked, List<String> inputs) throws InterruptedException {
        return asked.embed(EmbeddingRequest.of(Minilm.ID, inputs));
    }

    private static double product(Embeddings.Vector a, Embeddings.Vector b) {
        double sum = 0;
        for (int i = 0; i < a.dimensions(); i++) {
            sum += (double) a.get(i) * b.get(i);
        }
        return sum;
    }

    @Test
    void relatedTextsLieCloserThanOthers() throws Exception {
        List<Embeddings.Vector> vectors = embed(
                        backend,
                        List.of(
                                "How do I reset my password?",
                                "I forgot my login credentials and cannot sign in.",
                                "The recipe needs two cups of flour."))
                .vectors();
        assertThat(vectors).allSatisfy(vector -> {
            assertThat(vector.dimensions()).isEqualTo(384);
            assertThat(product(vector, vector)).isCloseTo(1, within(1e-5));
        });
        double related = product(vectors.get(0), vectors.get(1));
        double unrelated = product(vectors.get(0), vectors.get(2));
        assertThat(related).isGreaterThan(0.4);
        assertThat(unrelated).isLessThan(0.15);
    }

    @Test
    void aBatchGivesWhatSingleTextsGive() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            texts.add("word%d of the sea ".formatted(i).repeat(random.nextInt(1, 30)));
        }
        Collections.shuffle(texts, random);
        // Steps of few tokens: many of them, with padding in each.
        try (InferenceBackend small = Minilm.start(directory, Map.of("batch-tokens", "600"))) {
            Embeddings together = embed(small, texts);
            int tokens = 0;
            for (int i = 0; i < texts.size(); i++) {
                Embeddings alone = embed(backend, List.of(texts.get(i)));
                tokens += alone.usage().inputTokens();
                assertThat(product(together.vectors().get(i), alone.vectors().getFirst()))
                        .as("seed %d, text %d", seed, i)
                        .isCloseTo(1, within(1e-4));
            }
            assertThat(together.usage().inputTokens()).as("seed %d", seed).isEqualTo(tokens);
        }
    }

    @Test
    void countsTheTokensItReadsAndCutsNothingOff() throws Exception {
        // [CLS] a b [SEP]; the tokenizer's file would cut at 128 and fill up to them.
        assertThat(embed(backend, List.of("a b")).usage().inputTokens()).isEqualTo(4);
        assertThat(embed(backend, List.of("")).usage().inputTokens()).isEqualTo(2);
        assertThat(embed(backend, List.of("sea ".repeat(510))).usage().inputTokens())
                .isEqualTo(512);
        Embeddings.Vector short500 =
                embed(backend, List.of("sea ".repeat(500))).vectors().getFirst();
        Embeddings.Vector other = embed(backend, List.of("sea ".repeat(300) + "tax ".repeat(200)))
                .vectors()
                .getFirst();
        assertThat(product(short500, other)).isLessThan(0.99);

        assertThatThrownBy(() -> embed(backend, List.of("fine", "sea ".repeat(511))))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONTEXT_TOO_LONG))
                .hasMessageContainingAll("input 1 ", "513", "512");
        assertThatThrownBy(() -> embed(backend, Collections.nCopies(2049, "x")))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining("2048");
    }

    @Test
    void takesAnyText() throws Exception {
        List<String> texts = List.of("", " ", "\0", "naïve café 東京 🙂👩‍👩‍👧", "\uD800", "x".repeat(5000), "\n\t\r");
        Embeddings embeddings = embed(backend, texts);
        assertThat(embeddings.vectors()).allSatisfy(vector -> {
            for (float value : vector.toArray()) {
                assertThat(value).isFinite();
            }
        });
        Embeddings accents = embed(backend, List.of("naive cafe 東京 🙂👩‍👩‍👧"));
        assertThat(product(embeddings.vectors().get(3), accents.vectors().getFirst()))
                .as("the model takes accents off")
                .isCloseTo(1, within(1e-5));
    }

    @Test
    void theSameRequestGivesTheSameBits() throws Exception {
        assertThat(backend.models().getFirst().features())
                .containsExactlyInAnyOrder(Feature.EMBED, Feature.DETERMINISTIC);
        List<String> texts = List.of("one", "two words", "and three words here", "sea ".repeat(200));
        Embeddings first = embed(backend, texts);
        for (int round = 0; round < 20; round++) {
            Embeddings again = embed(backend, texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(again.vectors().get(i).toArray())
                        .isEqualTo(first.vectors().get(i).toArray());
            }
        }
    }

    @Test
    void refusesWhatHasNoSlot() throws Exception {
        try (InferenceBackend two = Minilm.start(directory, Map.of("slots", "2", "threads", "1"));
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> much = Collections.nCopies(64, "sea ".repeat(400));
            List<Callable<Embeddings>> calls = Collections.nCopies(6, () -> embed(two, much));
            int done = 0;
            int refused = 0;
            for (Future<Embeddings> call : callers.invokeAll(calls, 100, TimeUnit.SECONDS)) {
                try {
                    assertThat(call.get().vectors()).hasSize(64);
                    done++;
                } catch (ExecutionException e) {
                    assertThat(e.getCause())
                            .isInstanceOfSatisfying(
                                    DecentralException.class,
                                    known -> assertThat(known.code()).isEqualTo(ErrorCode.OVERLOADED));
                    refused++;
                }
            }
            assertThat(done).isGreaterThanOrEqualTo(2);
            assertThat(refused).isPositive();
            assertThat(two.load().running()).isZero();
            assertThat(embed(two, List.of("free again")).vectors()).hasSize(1);
        }
    }
}
