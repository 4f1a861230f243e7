package org.usedecentral.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.EmbeddingRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.models.ModelArtifact;

/** Which models are taken, which are refused, and how a backend ends. */
@Timeout(120)
final class LoadingTest {
    @TempDir
    Path folder;

    private void assertRefused(Map<String, String> keys, String... parts) {
        assertThatThrownBy(() -> Minilm.start(folder, keys).close())
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContainingAll(parts);
    }

    @Test
    void aFileIsKnownByItsDigest() throws Exception {
        try (InferenceBackend backend = Minilm.start(folder, Map.of())) {
            assertThat(backend.models().getFirst().digest())
                    .isEqualTo(new Minilm.Context(folder).sha256(Minilm.weights()));
        }
    }

    @Test
    void theRuntimeLoadsOneModel() throws Exception {
        ModelArtifact artifact = new ModelArtifact("minilm", Bytes.zeros(32), 1, "F32", "Apache-2.0");
        InferenceBackend backend = Minilm.create(Map.of());
        assertThatThrownBy(() -> backend.load(artifact, Minilm.weights())).hasMessageContaining("not started");
        backend.start(new Minilm.Context(folder));
        assertThat(backend.models()).isEmpty();
        backend.load(artifact, Minilm.weights());
        assertThat(backend.models().getFirst().quantisation()).isEqualTo("F32");
        assertThatThrownBy(() -> backend.load(artifact, Minilm.weights()))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        backend.close();
        assertThat(backend.models()).isEmpty();
        assertThatThrownBy(() -> backend.embed(EmbeddingRequest.of(Minilm.ID, List.of("x"))))
                .isInstanceOf(DecentralException.class);
        assertThatThrownBy(() -> backend.load(artifact, Minilm.weights())).hasMessageContaining("not started");
    }

    @Test
    void refusesWhatIsNoModel() throws Exception {
        Path junk = Files.writeString(folder.resolve("junk.onnx"), "not a network");
        Path tokenizer = Minilm.weights().resolveSibling("tokenizer.json");
        assertRefused(Map.of("model", junk.toString()), "tokenizer", "tokenizer.json");
        assertRefused(
                Map.of("model", junk.toString(), "tokenizer", tokenizer.toString()), "junk.onnx", "not a usable ONNX");
        assertRefused(Map.of("model", folder.resolve("none.onnx").toString()), "none.onnx");
        Path noTokenizer = Files.write(folder.resolve("tokenizer.json"), "{}".getBytes(StandardCharsets.UTF_8));
        assertRefused(Map.of("tokenizer", noTokenizer.toString()), "not a usable tokenizer");
        assertRefused(Map.of("model-id", "not an id"), "model-id");
    }

    @ParameterizedTest
    @CsvSource({
        "colour, blue, colour",
        "slots, 0, slots",
        "threads, many, number",
        "context, 4, context",
        "batch-tokens, 100, batch-tokens"
    })
    void refusesKeysByName(String key, String value, String complaint) {
        assertThatThrownBy(() -> Minilm.create(Map.of(key, value)).close())
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(complaint);
    }

    @Test
    void openingAndClosingLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 5; i++) {
            InferenceBackend backend = Minilm.start(folder, Map.of());
            assertThat(backend.embed(EmbeddingRequest.of(Minilm.ID, List.of("x")))
                            .vectors())
                    .hasSize(1);
            backend.close();
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("decentral-djl-"));
    }
}
