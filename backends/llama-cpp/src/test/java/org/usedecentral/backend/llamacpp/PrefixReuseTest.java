package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenStream;

/** Prompts that begin alike, on the real engine: what is reused, and that it changes no token. */
@Timeout(600)
final class PrefixReuseTest {
    private static final String RULES = "You answer questions about boats. Be brief and exact. ".repeat(16);
    private static LlamaCppBackend cached;
    private static LlamaCppBackend plain;

    @BeforeAll
    static void start() {
        cached = TestEngine.start("slots", "3", "batch", "32");
        plain = TestEngine.start("slots", "3", "batch", "32", "prefix-cache", "false");
    }

    @AfterAll
    static void stop() {
        cached.close();
        plain.close();
    }

    private static GenerationRequest.Builder request(String... turns) {
        List<Message> messages = new ArrayList<>();
        messages.add(Message.of(Message.Role.SYSTEM, turns[0]));
        for (int i = 1; i < turns.length; i++) {
            messages.add(Message.of(i % 2 == 1 ? Message.Role.USER : Message.Role.ASSISTANT, turns[i]));
        }
        return GenerationRequest.builder(TestEngine.MODEL, messages)
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(12);
    }

    private static int reused(TestEngine.Output output) {
        return output.usage().cachedInputTokens();
    }

    @Test
    void declaresItOnlyWhereItIsOn() {
        assertThat(cached.models().getFirst().features()).contains(Feature.PREFIX_CACHING, Feature.DETERMINISTIC);
        assertThat(plain.models().getFirst().features()).doesNotContain(Feature.PREFIX_CACHING);
    }

    @Test
    void anEqualBeginningIsNotComputedAgainAndTheTokensAreTheSame() throws Exception {
        PrefixCache.Use before = cached.resident(TestEngine.MODEL).orElseThrow().prefixUse();
        TestEngine.run(cached, request("A first one. " + RULES, "Hello.").build());
        for (int i = 0; i < 4; i++) {
            GenerationRequest next = request("A first one. " + RULES, "What is boat number " + i + " for?")
                    .build();
            TestEngine.Output output = TestEngine.run(cached, next);
            TestEngine.Output alone = TestEngine.run(plain, next);
            assertThat(output.text()).isEqualTo(alone.text());
            assertThat(reused(output))
                    .isGreaterThanOrEqualTo(160)
                    .isLessThan(output.usage().inputTokens());
            assertThat(reused(output) % 32).isZero();
            assertThat(output.usage().inputTokens()).isEqualTo(alone.usage().inputTokens());
            assertThat(reused(alone)).isZero();
        }
        PrefixCache.Use after = cached.resident(TestEngine.MODEL).orElseThrow().prefixUse();
        assertThat(after.hits() - before.hits()).isEqualTo(4);
        assertThat(after.prompts() - before.prompts()).isEqualTo(5);
        assertThat(after.hitRate()).isPositive();
        assertThat(plain.resident(TestEngine.MODEL).orElseThrow().prefixUse().hits())
                .isZero();
    }

    @Test
    void aConversationGoesOnFromWhatIsThere() throws Exception {
        String first = "Tell me about sails. " + "Sails are made of cloth. ".repeat(20);
        TestEngine.Output answer = TestEngine.run(cached, request(RULES, first).build());
        GenerationRequest second =
                request(RULES, first, answer.text(), "And about oars?").build();
        TestEngine.Output output = TestEngine.run(cached, second);
        assertThat(reused(output)).isGreaterThanOrEqualTo(answer.usage().inputTokens() - 40);
        assertThat(output.text()).isEqualTo(TestEngine.run(plain, second).text());
    }

    @Test
    void atAnyLoadAndInAnyOrderTheTokensAreThoseOfAnEmptyCache() throws Exception {
        Random random = new Random(4);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String rules = RULES.substring(0, 100 + random.nextInt(RULES.length() - 100));
            requests.add(request(rules, "Question " + random.nextInt(3) + "?")
                    .maxOutputTokens(2 + random.nextInt(12))
                    .build());
        }
        for (int i = 0; i + 3 <= requests.size(); i += 3) {
            List<TokenStream> together = new ArrayList<>();
            for (GenerationRequest request : requests.subList(i, i + 3)) {
                together.add(cached.generate(request));
            }
            for (int j = 0; j < 3; j++) {
                assertThat(TestEngine.drain(together.get(j)).text())
                        .isEqualTo(TestEngine.run(plain, requests.get(i + j)).text());
            }
        }
    }

    @Test
    void choicesShareAndLeaveThePrefixToo() throws Exception {
        GenerationRequest one = request("For several. " + RULES, "Name a boat.").build();
        String alone = TestEngine.run(plain, one).text();
        for (int round = 0; round < 3; round++) {
            try (TokenStream stream =
                    cached.generate(one.toBuilder().choices(2 + round % 2).build())) {
                TestEngine.Output output = TestEngine.drain(stream);
                assertThat(output.usage().cachedInputTokens() > 0).isEqualTo(round > 0);
            }
        }
        // The slots that were copied to hold it as well.
        List<TokenStream> streams = List.of(cached.generate(one), cached.generate(one), cached.generate(one));
        for (TokenStream stream : streams) {
            TestEngine.Output output = TestEngine.drain(stream);
            assertThat(reused(output)).isPositive();
            assertThat(output.text()).isEqualTo(alone);
        }
    }

    @Test
    void aCancelledPromptLeavesOnlyWhatWasComputed() throws Exception {
        GenerationRequest request =
                request("To be cancelled. " + RULES + RULES, "Why?").build();
        String expected = TestEngine.run(plain, request).text();
        for (int round = 0; round < 5; round++) {
            TokenStream cancelled = cached.generate(request);
            TimeUnit.MILLISECONDS.sleep(3L * round);
            cancelled.close();
            assertThat(TestEngine.run(cached, request).text()).isEqualTo(expected);
        }
    }
}
