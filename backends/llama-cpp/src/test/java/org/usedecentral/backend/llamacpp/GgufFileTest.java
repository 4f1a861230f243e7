package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class GgufFileTest {
    @TempDir
    private Path folder;

    @Test
    void readsTheRealModel() {
        GgufFile file = GgufFile.read(TestEngine.model());
        assertThat(file.architecture()).isEqualTo("llama");
        assertThat(file.trainedContext()).isEqualTo(8192);
        assertThat(file.vocabularySize()).isEqualTo(49152);
        assertThat(file.quantisation()).isEqualTo("Q4_1");
        assertThat(file.chatTemplate()).contains("<|im_start|>");
        assertThat(file.longestToken()).isBetween(16, 512);
        // 30 layers, 3 key-value heads of 64, keys and values, 2 bytes each.
        assertThat(file.cacheBytesPerToken()).isEqualTo(30 * 3 * 128 * 2);
    }

    @Test
    void readsASmallOne() throws IOException {
        assertThat(GgufFile.read(write(new Builder().build())).vocabularySize()).isEqualTo(2);
    }

    @Test
    void refusesWhatIsNoFile() {
        assertRefused(folder.resolve("missing"), "cannot read");
        assertRefused(folder, "");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 23, 24, 100, 65_536, 1_000_000, 2_000_000, 98_362_431})
    void refusesATruncatedModel(long length) throws IOException {
        Path path = folder.resolve("truncated.gguf");
        try (InputStream in = Files.newInputStream(TestEngine.model());
                OutputStream out = Files.newOutputStream(path)) {
            byte[] buffer = new byte[1 << 20];
            long left = length;
            for (int n = 0; left > 0 && (n = in.read(buffer, 0, (int) Math.min(left, buffer.length))) > 0; left -= n) {
                out.write(buffer, 0, n);
            }
        }
        assertRefused(path, "");
    }

    @Test
    void refusesRandomBytes() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[random.nextInt(5000)];
            random.nextBytes(bytes);
            assertRefused(write(bytes), "");
        }
    }

    @Test
    void survivesADamagedHeader() throws IOException {
        // Random damage to a small file: it may go unnoticed, but nothing else than our refusal may come of it.
        Random random = new Random(5);
        byte[] whole = new Builder().build();
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = whole.clone();
            for (int n = 0; n <= random.nextInt(3); n++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                GgufFile.read(write(damaged));
            } catch (DecentralException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            }
        }
    }

    @Test
    void refusesHugeDeclaredCounts() throws IOException {
        for (long count : new long[] {1L << 17, Integer.MAX_VALUE, Long.MAX_VALUE, -1}) {
            Builder tensors = new Builder();
            tensors.tensors = count;
            assertRefused(write(tensors.build()), "tensors");
            Builder entries = new Builder();
            entries.entries = count;
            assertRefused(write(entries.build()), "metadata entries");
            Builder tokens = new Builder();
            tokens.tokens = count;
            assertRefused(write(tokens.build()), "");
            Builder key = new Builder();
            key.keyLength = count;
            assertRefused(write(key.build()), "length");
            Builder dimension = new Builder();
            dimension.columns = count;
            assertRefused(write(dimension.build()), "");
        }
    }

    @Test
    void refusesAVocabularyThatDoesNotFit() throws IOException {
        Builder scores = new Builder();
        scores.scores = 1;
        assertRefused(write(scores.build()), "tokenizer.ggml.scores");
        Builder bos = new Builder();
        bos.bos = 2;
        assertRefused(write(bos.build()), "bos_token_id");
    }

    @Test
    void refusesTensorsBeyondTheEnd() throws IOException {
        Builder builder = new Builder();
        byte[] whole = builder.build();
        assertRefused(write(Arrays.copyOf(whole, whole.length - 1)), "truncated");
        Builder type = new Builder();
        type.type = 31;
        assertRefused(write(type.build()), "unknown type");
        Builder offset = new Builder();
        offset.offset = 32;
        assertRefused(write(offset.build()), "expected");
        Builder alignment = new Builder();
        alignment.alignment = 33;
        assertRefused(write(alignment.build()), "alignment");
    }

    @Test
    void refusesOtherVersionsAndAbsurdShapes() throws IOException {
        Builder version = new Builder();
        version.version = 0x03000000;
        assertRefused(write(version.build()), "version");
        Builder layers = new Builder();
        layers.layers = 100_000;
        assertRefused(write(layers.build()), "block_count");
    }

    @Test
    void theEngineItselfNeverSeesABadFile() throws IOException {
        LlamaCppBackend backend = TestEngine.start("slots", "1", "context", "256");
        try {
            Path bad = write(Arrays.copyOf(new Builder().build(), 200));
            assertThatThrownBy(() -> TestEngine.start("model", bad.toString())).isInstanceOf(DecentralException.class);
            // Of the right form, but no model: libllama says so and the process lives.
            Path empty = write(new Builder().build());
            assertThatThrownBy(() -> TestEngine.start("model", empty.toString()))
                    .isInstanceOfSatisfying(
                            DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                    .hasMessageContaining("llama.cpp cannot load");
        } finally {
            backend.close();
        }
    }

    @Test
    void refusesACacheLargerThanTheMemory() throws IOException {
        Builder wide = new Builder();
        wide.layers = 512;
        wide.context = 8_000_000;
        wide.width = 1 << 20;
        Path path = write(wide.build());
        assertThatThrownBy(() -> TestEngine.start("model", path.toString(), "context", "8000000", "slots", "64"))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.parameter()).isEqualTo("memory-limit"))
                .hasMessageContaining("Set context or slots lower");
    }

    private void assertRefused(Path path, String reason) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> GgufFile.read(path))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(reason);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("test.gguf"), bytes);
    }

    /** A file that is well formed as it stands; each field can be set wrong. */
    private static final class Builder {
        private int version = 3;
        private long tensors = 1;
        private long entries = 10;
        private long keyLength = "general.architecture".length();
        private long tokens = 2;
        private int scores = 2;
        private int bos = 1;
        private int layers = 1;
        private int context = 128;
        private int width = 32;
        private int alignment = 32;
        private long columns = 32;
        private int type;
        private long offset;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        byte[] build() {
            out.reset();
            out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
            int32(version);
            int64(tensors);
            int64(entries);
            int64(keyLength);
            out.writeBytes("general.architecture".getBytes(StandardCharsets.US_ASCII));
            int32(8);
            string("llama");
            number("llama.context_length", context);
            number("llama.block_count", layers);
            number("llama.embedding_length", width);
            number("general.alignment", alignment);
            key("tokenizer.ggml.tokens", 9);
            int32(8);
            int64(tokens);
            string("a");
            string("b");
            key("tokenizer.ggml.scores", 9);
            int32(6);
            int64(scores);
            for (int i = 0; i < scores; i++) {
                int32(0);
            }
            key("tokenizer.ggml.model", 8);
            string("gpt2");
            number("tokenizer.ggml.bos_token_id", bos);
            template();
            string("token_embd.weight");
            int32(2);
            int64(columns);
            int64(2);
            int32(type);
            int64(offset);
            while (out.size() % 32 != 0) {
                out.write(0);
            }
            out.writeBytes(new byte[32 * 2 * 4]);
            return out.toByteArray();
        }

        private void template() {
            key("tokenizer.chat_template", 8);
            string("{{ messages[0]['content'] }}");
        }

        private void number(String key, int value) {
            key(key, 4);
            int32(value);
        }

        private void key(String key, int valueType) {
            string(key);
            int32(valueType);
        }

        private void string(String text) {
            int64(text.length());
            out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }

        private void int32(int value) {
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
        }

        private void int64(long value) {
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }
    }
}
