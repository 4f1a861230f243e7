package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.models.ModelArtifact;

/** Embeddings of the real engine, compared number by number with a plain implementation of the same model. */
@Timeout(120)
final class EmbeddingModelTest {
    private static final ModelId MODEL = new ModelId("tiny");
    private static final List<String> TEXTS = List.of(
            "The sea is calm.",
            "cats sleeping",
            "a",
            "",
            "Zebras? 42, and the seas!",
            "über the sea",
            "[SEP] the [MASK]",
            "sea5 of the cats",
            "sea5 of the cats ".repeat(8),
            "sea ".repeat(TinyBert.CONTEXT - 2));

    @TempDir
    private static Path folder;

    private static TinyBert bert;
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() throws Exception {
        bert = new TinyBert(11);
        backend = start(bert);
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    private static LlamaCppBackend start(TinyBert bert, String... more) throws Exception {
        // One of its own: a loaded model's file is mapped, and must stay as it is.
        Path file = bert.write(Files.createTempFile(folder, "tiny", ".gguf"));
        List<String> keys =
                new ArrayList<>(List.of("model-id", MODEL.value(), "threads", "1", "model", file.toString()));
        keys.addAll(List.of(more));
        return TestEngine.startEmpty(keys.toArray(String[]::new));
    }

    private static Embeddings embed(LlamaCppBackend asked, List<String> inputs) throws InterruptedException {
        return asked.embed(EmbeddingRequest.of(MODEL, inputs));
    }

    private static void assertClose(Embeddings.Vector vector, double[] expected, String text) {
        assertThat(vector.dimensions()).isEqualTo(TinyBert.WIDTH);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) vector.get(i)).as("%s of '%s'", i, text).isCloseTo(expected[i], within(1e-4));
        }
    }

    private static void assertRefused(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void computesWhatThePlainImplementationDoes() throws Exception {
        Embeddings together = embed(backend, TEXTS);
        int tokens = 0;
        for (int i = 0; i < TEXTS.size(); i++) {
            assertClose(together.vectors().get(i), bert.embed(TEXTS.get(i)), TEXTS.get(i));
            Embeddings alone = embed(backend, List.of(TEXTS.get(i)));
            assertClose(alone.vectors().getFirst(), bert.embed(TEXTS.get(i)), TEXTS.get(i));
            assertThat(alone.usage().inputTokens())
                    .as(TEXTS.get(i))
                    .isEqualTo(bert.tokens(TEXTS.get(i)).size());
            tokens += alone.usage().inputTokens();
        }
        assertThat(together.usage().inputTokens()).isEqualTo(tokens);
        assertThat(together.usage().outputTokens()).isZero();
    }

    @Test
    void vectorsHaveLengthOneAndTextsDiffer() throws Exception {
        List<Embeddings.Vector> vectors = embed(backend, TEXTS).vectors();
        for (int i = 0; i < vectors.size(); i++) {
            for (int j = 0; j <= i; j++) {
                double product = 0;
                for (int d = 0; d < TinyBert.WIDTH; d++) {
                    product += (double) vectors.get(i).get(d) * vectors.get(j).get(d);
                }
                if (i == j) {
                    assertThat(product).isCloseTo(1, within(1e-6));
                } else {
                    assertThat(product).as("%s and %s", i, j).isLessThan(0.999);
                }
            }
        }
    }

    @Test
    void aBatchGivesWhatSingleTextsGive() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            texts.add("sea%d of the cats ".formatted(i).repeat(random.nextInt(1, 9)));
        }
        Collections.shuffle(texts, random);
        List<Embeddings.Vector> together = embed(backend, texts).vectors();
        for (int i = 0; i < texts.size(); i++) {
            assertClose(together.get(i), bert.embed(texts.get(i)), "seed " + seed + ": " + texts.get(i));
        }
    }

    @Test
    void theFileSaysHowItIsPooled() throws Exception {
        TinyBert first = new TinyBert(13);
        first.metadata.put("bert.pooling_type", 2);
        try (LlamaCppBackend asked = start(first)) {
            for (String text : TEXTS) {
                assertClose(embed(asked, List.of(text)).vectors().getFirst(), first.embedFirst(text), text);
            }
        }
        TinyBert silent = new TinyBert(13);
        silent.metadata.remove("bert.pooling_type");
        try (LlamaCppBackend asked = start(silent)) {
            assertClose(embed(asked, List.of("the sea")).vectors().getFirst(), silent.embed("the sea"), "the mean");
        }
    }

    @Test
    void isACardOfItsOwn() {
        ModelCard card = backend.models().getFirst();
        assertThat(card.features()).containsExactlyInAnyOrder(Feature.EMBED, Feature.DETERMINISTIC);
        assertThat(card.limits().contextTokens()).isEqualTo(TinyBert.CONTEXT);
        assertThat(backend.load().running()).isZero();
        assertRefused(
                ErrorCode.UNSUPPORTED_FEATURE,
                "GENERATE",
                () -> backend.generate(TestEngine.greedy(MODEL, "Hello", 1).build()));
        assertRefused(
                ErrorCode.UNSUPPORTED_FEATURE,
                "GENERATE",
                () -> backend.countInputTokens(
                        TestEngine.greedy(MODEL, "Hello", 1).build()));
    }

    @Test
    void aTextThatIsTooLongIsNamedAndNothingIsCut() throws Exception {
        String full = "sea ".repeat(TinyBert.CONTEXT - 2);
        assertThat(embed(backend, List.of(full)).usage().inputTokens()).isEqualTo(TinyBert.CONTEXT);
        assertRefused(
                ErrorCode.CONTEXT_TOO_LONG,
                "input 2 has 97 tokens and model tiny takes 96",
                () -> embed(backend, List.of("a", full, full + "sea")));
        assertRefused(
                ErrorCode.INVALID_REQUEST,
                "at most 2048 inputs",
                () -> embed(backend, Collections.nCopies(EmbeddingModel.MAX_INPUTS + 1, "a")));
        assertThat(embed(backend, List.of("a")).vectors()).hasSize(1);
    }

    @Test
    void oneSlotIsForOneRequestAndManyComeAndGo() throws Exception {
        try (LlamaCppBackend one = start(bert, "slots", "1");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> many = Collections.nCopies(1000, "the sea is calm");
            double[] expected = bert.embed("the sea is calm");
            List<Callable<Integer>> calls = Collections.nCopies(6, () -> {
                try {
                    Embeddings embeddings = embed(one, many);
                    assertClose(embeddings.vectors().getLast(), expected, "beside others");
                    return 1;
                } catch (DecentralException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED);
                    return 0;
                }
            });
            int answered = 0;
            for (Future<Integer> call : threads.invokeAll(calls)) {
                answered += call.get();
            }
            assertThat(answered).isBetween(1, 6);
            assertThat(one.load().running()).isZero();
            assertThat(embed(one, List.of("a")).vectors()).hasSize(1);
        }
    }

    @Test
    void anInterruptedCallerGivesItsSlotBack() throws Exception {
        try (LlamaCppBackend one = start(bert, "slots", "1")) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> embed(one, List.of("a"))).isInstanceOf(InterruptedException.class);
            assertThat(embed(one, List.of("a")).vectors()).hasSize(1);
        }
    }

    @Test
    void closingWhileTextsAreEmbeddedEndsThem() throws Exception {
        for (int round = 0; round < 5; round++) {
            LlamaCppBackend closing = start(bert);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Embeddings>> calls = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    calls.add(threads.submit(() -> embed(closing, Collections.nCopies(2000, "the sea is calm"))));
                }
                embedOnceOrRefuse(closing);
                closing.close();
                for (Future<Embeddings> call : calls) {
                    try {
                        assertThat(call.get().vectors()).hasSize(2000);
                    } catch (ExecutionException e) {
                        assertThat(e.getCause())
                                .isInstanceOfSatisfying(
                                        DecentralException.class,
                                        known -> assertThat(known.code())
                                                .isIn(ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED));
                    }
                }
            }
        }
    }

    private static void embedOnceOrRefuse(LlamaCppBackend asked) throws InterruptedException {
        try {
            assertThat(embed(asked, List.of("a")).vectors()).hasSize(1);
        } catch (DecentralException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED);
        }
    }

    @Test
    void anotherModelBesideItGenerates() throws Exception {
        try (LlamaCppBackend both = start(bert, "slots", "1", "context", "256")) {
            both.load(
                    new ModelArtifact("smollm2", Bytes.zeros(32), 98_362_432, "Q4_1", "Apache-2.0"),
                    TestEngine.model());
            assertThat(TestEngine.run(both, TestEngine.greedy("Hello", 2).build())
                            .text())
                    .isNotEmpty();
            assertClose(embed(both, List.of("the sea")).vectors().getFirst(), bert.embed("the sea"), "beside it");
            assertRefused(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    "EMBED",
                    () -> both.embed(EmbeddingRequest.of(TestEngine.MODEL, List.of("a"))));
        }
    }

    @Test
    void refusesFilesThatWouldEndTheProcess() {
        assertFileRefused("bert.pooling_type", 9, ErrorCode.INVALID_REQUEST, "bert.pooling_type is 9");
        assertFileRefused("bert.pooling_type", 4, ErrorCode.UNSUPPORTED_FEATURE, "ranking");
        assertFileRefused("bert.attention.head_count", 5, ErrorCode.INVALID_REQUEST, "5 attention heads");
        assertFileRefused("bert.attention.head_count_kv", 3, ErrorCode.INVALID_REQUEST, "4 attention heads");
        assertFileRefused("tokenizer.ggml.seperator_token_id", null, ErrorCode.INVALID_REQUEST, "adds a token 'sep'");
        assertFileRefused("tokenizer.ggml.bos_token_id", null, ErrorCode.INVALID_REQUEST, "adds a token 'bos'");
        assertFileRefused("bert.context_length", 95, ErrorCode.INVALID_REQUEST, "llama.cpp cannot load");
    }

    private static void assertFileRefused(String key, @Nullable Object value, ErrorCode code, String message) {
        TinyBert wrong = new TinyBert(17);
        wrong.metadata.remove(key);
        if (value != null) {
            wrong.metadata.put(key, value);
        }
        assertRefused(code, message, () -> start(wrong).close());
    }

    @Test
    void aCacheThatIsMadeOnlyToEmbedHoldsOneTextAtATime() throws Exception {
        // Not one of the encoders: SmolLM2 itself, said to be pooled by its last token.
        Path file = folder.resolve("pooled.gguf");
        writePooledByTheLastToken(TestEngine.model(), file);
        try (LlamaCppBackend asked = TestEngine.startEmpty(
                "model", file.toString(), "model-id", MODEL.value(), "context", "256", "threads", "1")) {
            assertThat(asked.models().getFirst().features()).contains(Feature.EMBED);
            Embeddings together = embed(asked, List.of("The sea is calm.", "Cats", "The sea is calm."));
            float[] calm = together.vectors().getFirst().toArray();
            assertThat(calm).hasSize(576);
            assertThat(together.vectors().getLast().toArray()).isEqualTo(calm);
            assertThat(together.vectors().get(1).toArray()).isNotEqualTo(calm);
            assertThat(embed(asked, List.of("The sea is calm."))
                            .vectors()
                            .getFirst()
                            .toArray())
                    .isEqualTo(calm);
            assertRefused(ErrorCode.INVALID_REQUEST, "input 1 has no tokens", () -> embed(asked, List.of("a", "")));
        }
    }

    /** Two entries of 64 bytes together, so that the weights behind them stay aligned. */
    private static void writePooledByTheLastToken(Path from, Path to) throws IOException {
        try (FileChannel in = FileChannel.open(from);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            in.read(head, 0);
            head.putLong(16, head.getLong(16) + 2).rewind();
            out.write(head);
            ByteBuffer entries = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
            for (String key : List.of("llama.pooling_type", "test.made.up.k")) {
                entries.putLong(key.length()).put(key.getBytes(StandardCharsets.US_ASCII));
                entries.putInt(4).putInt(3);
            }
            out.write(entries.flip());
            in.transferTo(24, in.size() - 24, out);
        }
    }
}
