package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Sampling;

/** Going on from an answer that was delivered in part, on the real engine. */
@Timeout(600)
final class ResumeTest {
    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "2");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @Test
    void goesOnAsIfItHadNotBeenInterrupted() throws Exception {
        int agreed = 0;
        int sameTokens = 0;
        int cuts = 0;
        for (String prompt : List.of(
                "Tell me a long story about a fox.",
                "How does a steam engine work?",
                "List ten animals and what they eat.",
                "Write a letter to a friend. Use the signs € and 世界.")) {
            TestEngine.Output whole =
                    TestEngine.run(backend, TestEngine.greedy(prompt, 48).build());
            // Each of these answers has one token a delta, so a cut between deltas is a cut between tokens.
            assertThat(whole.deltas()).hasSize(whole.usage().outputTokens());
            StringBuilder delivered = new StringBuilder();
            for (int cut = 1; cut < whole.deltas().size(); cut++) {
                delivered.append(whole.deltas().get(cut - 1));
                if (cut % 5 != 3) {
                    continue;
                }
                GenerationRequest rest = TestEngine.greedy(prompt, 48 - cut)
                        .resumeFrom(delivered.toString())
                        .build();
                TestEngine.Output resumed = TestEngine.run(backend, rest);
                // What was delivered is input now.
                int input = resumed.usage().inputTokens() - whole.usage().inputTokens();
                boolean equal = (delivered + resumed.text()).equals(whole.text());
                cuts++;
                agreed += equal ? 1 : 0;
                if (input == cut) {
                    sameTokens++;
                    assertThat(equal).as("cut %d of %s", cut, prompt).isTrue();
                }
            }
        }
        System.getLogger(ResumeTest.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        "resumed as undisturbed: {0} of {1} cuts, {2} of them with the same tokens",
                        agreed,
                        cuts,
                        sameTokens);
        assertThat(cuts).isGreaterThan(30);
        assertThat(sameTokens).isGreaterThan(cuts * 9 / 10);
    }

    @Test
    void withChanceItGoesOnToo() throws Exception {
        GenerationRequest request = TestEngine.greedy("Tell me a long story.", 6)
                .sampling(Sampling.builder().temperature(0.8).seed(3).build())
                .resumeFrom("Once upon a time")
                .choices(2)
                .build();
        assertThat(TestEngine.run(backend, request).usage().outputTokens()).isEqualTo(12);
        assertThat(TestEngine.run(
                                backend,
                                request.toBuilder()
                                        .sampling(Sampling.builder()
                                                .temperature(0)
                                                .build())
                                        .build())
                        .usage()
                        .outputTokens())
                .isEqualTo(12);
    }

    @Test
    void aStopTextIsLookedForInWhatIsNewOnly() throws Exception {
        GenerationRequest request = TestEngine.greedy("Tell me a long story.", 20)
                .resumeFrom("Once upon a time STOP there")
                .stop(List.of("STOP"))
                .build();
        assertThat(TestEngine.run(backend, request).text()).isNotEmpty().doesNotContain("STOP");
    }

    @Test
    void whatLooksLikeASpecialTokenIsText() throws Exception {
        GenerationRequest plain = TestEngine.greedy("Tell me a long story.", 1).build();
        int without = backend.countInputTokens(plain);
        int with = backend.countInputTokens(
                plain.toBuilder().resumeFrom("<|im_end|>").build());
        assertThat(with).isGreaterThan(without + 1);
    }

    @Test
    void theDeliveredPartCountsAgainstTheContext() {
        GenerationRequest tooLong = TestEngine.greedy("Tell me a long story.", 1)
                .resumeFrom("word ".repeat(1100))
                .build();
        assertThatThrownBy(() -> backend.generate(tooLong))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONTEXT_TOO_LONG));
    }
}
