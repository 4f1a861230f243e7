package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.TokenStream;

/** Who advances when, counted in the loop's steps and not in seconds, which a busy machine stretches. */
@Timeout(600)
final class FairnessTest {
    private static final int SLOTS = 16;
    private static final int CHUNK = 64;
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "16", "batch", "64", "prefix-cache", "false");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    private static BatchLoop.Steps steps() {
        return backend.resident(TestEngine.MODEL).orElseThrow().steps();
    }

    @Test
    void sixteenStreamsOfMixedLengthAllAdvanceInEveryStep() throws Exception {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            String prompt = "Tell me about the number " + i + ". " + "It is a fine number. ".repeat(i * i % 31);
            // No longer than a stream holds unread, so that none waits for its reader.
            requests.add(TestEngine.greedy(prompt, 6 + i * 7 % 25).build());
        }
        BatchLoop.Steps before = steps();
        List<TokenStream> streams = new ArrayList<>();
        for (GenerationRequest request : requests) {
            streams.add(backend.generate(request));
        }
        long chunks = 0;
        long advanced = 0;
        int longest = 0;
        for (TokenStream stream : streams) {
            TestEngine.Output output = TestEngine.drain(stream);
            chunks += (output.usage().inputTokens() + CHUNK - 1) / CHUNK;
            // The prompt's last step gives the first token.
            advanced += output.usage().outputTokens() - 1;
            longest = Math.max(longest, output.usage().outputTokens());
        }
        BatchLoop.Steps after = steps();
        assertThat(after.prompts() - before.prompts()).isEqualTo(chunks);
        // An answer may end with a token that is not counted.
        assertThat(after.advanced() - before.advanced()).isBetween(advanced, advanced + SLOTS);
        // After the last prompt is in, everyone advances in every step: the longest is the last.
        assertThat(after.tokens() - before.tokens()).isLessThanOrEqualTo(chunks + longest);
    }

    @Test
    void aLongPromptDelaysTheOthersByOneChunkAtATime() throws Exception {
        try (TokenStream talking =
                backend.generate(TestEngine.greedy("Tell me a long story.", 30).build())) {
            talking.next();
            BatchLoop.Steps before = steps();
            GenerationRequest slow =
                    TestEngine.greedy("many words in a row ".repeat(180), 1).build();
            try (TokenStream prompt = backend.generate(slow)) {
                TestEngine.Output output = TestEngine.drain(prompt);
                BatchLoop.Steps after = steps();
                long chunks = after.prompts() - before.prompts();
                assertThat(chunks).isEqualTo((output.usage().inputTokens() + CHUNK - 1) / CHUNK);
                // Between two chunks there was a token.
                assertThat(after.tokens() - before.tokens()).isGreaterThanOrEqualTo(chunks - 1);
            }
        }
    }

    @Test
    void twoLongPromptsTakeTurns() throws Exception {
        GenerationRequest slow =
                TestEngine.greedy("many words in a row ".repeat(180), 1).build();
        GenerationRequest shorter =
                TestEngine.greedy("a few words ".repeat(40), 1).build();
        try (TokenStream first = backend.generate(slow);
                TokenStream second = backend.generate(shorter)) {
            BatchLoop.Steps before = steps();
            TestEngine.Output output = TestEngine.drain(second);
            int own = (output.usage().inputTokens() + CHUNK - 1) / CHUNK;
            assertThat(steps().prompts() - before.prompts()).isLessThanOrEqualTo(2L * own + 1);
            TestEngine.drain(first);
        }
    }
}
