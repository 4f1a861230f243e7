package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;
import org.usedecentral.testkit.inference.Collected;

/** What a request can ask beside text, with the real model. */
final class DecodingTest {
    private static final String EMPTY = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}";

    private static LlamaCppBackend backend;

    @BeforeAll
    static void start() {
        backend = TestEngine.start("slots", "2", "context", "1024");
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @Test
    void aGrammarEndsTheAnswerWhereNothingCanFollow() throws Exception {
        Collected answer = run(TestEngine.greedy("Is the sky green?", 32)
                .format(grammar("root ::= \"Yes, it \" (\"is\" | \"was\") \"! 世界🙂\"")));
        assertThat(answer.text()).isIn("Yes, it is! 世界🙂", "Yes, it was! 世界🙂");
        assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void theModelMayEndWhereTheGrammarMay() throws Exception {
        Collected answer = run(TestEngine.greedy("Where does the sun rise?", 60).format(grammar("root ::= [^\\x00]*")));
        assertThat(answer.text()).contains("rises in the east");
        assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void aJsonObjectIsAsked() throws Exception {
        Collected answer = run(TestEngine.greedy("Describe a cat in JSON.", 24)
                .format(new ResponseFormat(ResponseFormat.Kind.JSON_OBJECT, "")));
        assertThat(answer.text()).startsWith("{");
    }

    @Test
    void whatIsWrongIsNamed() {
        refused(ErrorCode.INVALID_REQUEST, "response_format", "no rule root", b -> b.format(grammar("x ::= \"a\"")));
        refused(
                ErrorCode.UNSUPPORTED_FEATURE,
                "response_format",
                "uniqueItems",
                b -> b.format(new ResponseFormat(
                        ResponseFormat.Kind.JSON_SCHEMA, "{\"type\":\"array\",\"uniqueItems\":true}")));
        refused(
                ErrorCode.INVALID_REQUEST,
                "logit_bias",
                "token 99999999",
                b -> b.sampling(
                        Sampling.builder().logitBias(Map.of(99_999_999, 1.0)).build()));
        refused(ErrorCode.INVALID_REQUEST, "top_logprobs", "0 … 20", b -> b.topLogprobs(OptionalInt.of(21)));
        String unsupported = "{\"type\":\"object\",\"minProperties\":1}";
        refused(
                ErrorCode.UNSUPPORTED_FEATURE,
                "tools[0].function.parameters",
                "minProperties",
                b -> b.tools(List.of(new Tool("f", "", unsupported, true)), ToolChoice.REQUIRED));
        refused(
                ErrorCode.INVALID_REQUEST,
                "resume_from",
                "does not fit",
                b -> b.tools(List.of(new Tool("f", "", EMPTY, true)), ToolChoice.AUTO)
                        .resumeFrom("<tool_call>"));
        refused(
                ErrorCode.INVALID_REQUEST,
                "resume_from",
                "does not fit",
                b -> b.format(grammar("root ::= \"a\"")).resumeFrom("b"));
        refused(
                ErrorCode.INVALID_REQUEST,
                "tool_choice",
                "among the tools",
                b -> b.tools(List.of(new Tool("f", "", EMPTY, true)), new ToolChoice(ToolChoice.Kind.FUNCTION, "g")));
    }

    @Test
    void aSchemaThatCannotBeHeldGivesAnyObjectUnlessStrict() throws Exception {
        String unsupported = "{\"type\":\"object\",\"minProperties\":1}";
        Collected answer = run(TestEngine.greedy("Hi", 24)
                .tools(List.of(new Tool("f", "", unsupported, false)), new ToolChoice(ToolChoice.Kind.FUNCTION, "f")));
        assertThat(calls(answer).getFirst().name()).isEqualTo("f");
    }

    @Test
    void toolsThatAreNotCalledLeaveText() throws Exception {
        Collected answer = run(TestEngine.greedy("Where does the sun rise?", 24)
                .tools(List.of(new Tool("f", "Nothing", EMPTY, true)), ToolChoice.NONE));
        assertThat(answer.text()).contains("sun rises");
        assertThat(calls(answer)).isEmpty();
    }

    @Test
    void logProbabilitiesAreThoseOfTheModelAndLieBesideTheirText() throws Exception {
        Sampling sampling = Sampling.builder().temperature(0).build();
        Collected answer =
                run(TestEngine.greedy("Repeat: 🙂 世界 🙂", 24).sampling(sampling).topLogprobs(OptionalInt.of(5)));
        int infos = 0;
        for (GenerationEvent event : answer.events()) {
            GenerationEvent.TextDelta delta = (GenerationEvent.TextDelta) event;
            assertThat(delta.info()).hasSize(delta.tokens());
            infos += delta.info().size();
            for (TokenInfo info : delta.info()) {
                // Greedy: the chosen one is the best, with the same number.
                TokenInfo best = info.alternatives().getFirst();
                assertThat(info.id()).isEqualTo(best.id()).isNotNegative();
                assertThat(info.logProbability())
                        .isEqualTo(best.logProbability())
                        .isLessThanOrEqualTo(0);
                assertThat(info.alternatives()).hasSize(5);
                double total = info.alternatives().stream()
                        .mapToDouble(each -> Math.exp(each.logProbability()))
                        .sum();
                assertThat(total).isBetween(0.2, 1 + 1e-9);
            }
        }
        assertThat(infos).isEqualTo(answer.countedTokens());
        assertThat(bytes(answer)).startsWith(answer.text());
    }

    private static String bytes(Collected answer) {
        List<Byte> all = new ArrayList<>();
        for (GenerationEvent event : answer.events()) {
            if (event instanceof GenerationEvent.TextDelta delta) {
                for (TokenInfo info : delta.info()) {
                    for (byte b : info.bytes().toByteArray()) {
                        all.add(b);
                    }
                }
            }
        }
        byte[] joined = new byte[all.size()];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = all.get(i);
        }
        return new String(joined, StandardCharsets.UTF_8);
    }

    @Test
    void biasAndPenaltiesChangeTheAnswerAndNotItsLogProbabilities() throws Exception {
        Collected plain = run(TestEngine.greedy("Where does the sun rise?", 1).topLogprobs(OptionalInt.of(2)));
        TokenInfo first =
                ((GenerationEvent.TextDelta) plain.events().getFirst()).info().getFirst();
        Collected banned = run(TestEngine.greedy("Where does the sun rise?", 1)
                .topLogprobs(OptionalInt.of(2))
                .sampling(Sampling.builder()
                        .temperature(0)
                        .logitBias(Map.of(first.id(), -100.0))
                        .build()));
        TokenInfo other =
                ((GenerationEvent.TextDelta) banned.events().getFirst()).info().getFirst();
        assertThat(other.id()).isEqualTo(first.alternatives().get(1).id());
        assertThat(other.logProbability()).isCloseTo(first.alternatives().get(1).logProbability(), within(1e-6));
        Collected penalised = run(TestEngine.greedy("Say la la la la la la la la la la.", 24)
                .sampling(Sampling.builder()
                        .temperature(0)
                        .frequencyPenalty(2)
                        .presencePenalty(2)
                        .build()));
        assertThat(penalised.text())
                .isNotEqualTo(run(TestEngine.greedy("Say la la la la la la la la la la.", 24))
                        .text());
    }

    /** A change of a request. */
    private interface Change {
        GenerationRequest.Builder of(GenerationRequest.Builder request);
    }

    private static void refused(ErrorCode code, String field, String message, Change change) {
        GenerationRequest request = change.of(TestEngine.greedy("Hi", 4)).build();
        assertThatThrownBy(() -> backend.generate(request))
                .isInstanceOfSatisfying(DecentralException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.parameter()).isEqualTo(field);
                })
                .hasMessageContaining(message);
    }

    private static Collected run(GenerationRequest.Builder request) throws InterruptedException {
        return Collected.from(backend.generate(request.build()));
    }

    private static ResponseFormat grammar(String gbnf) {
        return new ResponseFormat(ResponseFormat.Kind.GRAMMAR, gbnf);
    }

    private static List<ToolCallDelta> calls(Collected answer) {
        return answer.events().stream()
                .filter(ToolCallDelta.class::isInstance)
                .map(ToolCallDelta.class::cast)
                .toList();
    }
}
