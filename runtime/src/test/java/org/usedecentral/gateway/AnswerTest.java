package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.usedecentral.receipt.ReceiptFixture;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.Usage;
import org.usedecentral.spi.protocol.JobId;

/** Everything a model may say, as OpenAI's clients read it. */
final class AnswerTest {
    private static final AnswerHead HEAD =
            new AnswerHead(new JobId(Bytes.zeros(32)), new ModelId("m"), Instant.ofEpochSecond(5));
    private static final Finished STOP = new Finished(List.of(FinishReason.STOP), new Usage(1, 2));

    @Test
    void toolCallsCarryTheirIndexAndIdOnceAndTheRestInPieces() {
        GenerationEvent first = new ToolCallDelta(0, 0, "c1", "f", "", 1);
        GenerationEvent more = new ToolCallDelta(0, 0, null, null, "{\"a\":", 1);
        GenerationEvent last = new ToolCallDelta(0, 0, null, null, "1}", 1);
        GenerationEvent second = new ToolCallDelta(0, 1, "c2", "g", "{}", 1);
        Finished end = new Finished(List.of(FinishReason.TOOL_CALLS), new Usage(1, 2));
        List<JsonNode> chunks = stream(end, first, more, last, second);
        assertThat(calls(chunks.get(1)))
                .isEqualTo("[{\"index\":0,\"id\":\"c1\",\"type\":\"function\","
                        + "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]");
        assertThat(calls(chunks.get(2))).isEqualTo("[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]");
        assertThat(calls(chunks.get(4))).startsWith("[{\"index\":1,\"id\":\"c2\"");
        JsonNode message = whole(end, first, more, last, second).path("message");
        assertThat(message.toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":null,\"refusal\":null,\"tool_calls\":["
                        + "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}},"
                        + "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}");
    }

    @Test
    void reasoningAndRefusalsHaveTheirOwnFields() {
        GenerationEvent reasoning = text(PartKind.REASONING, "hm", List.of());
        GenerationEvent refusal = text(PartKind.REFUSAL, "no", List.of());
        List<JsonNode> chunks = stream(STOP, reasoning, refusal);
        assertThat(delta(chunks.get(1)).toString()).isEqualTo("{\"reasoning_content\":\"hm\"}");
        assertThat(delta(chunks.get(2)).toString()).isEqualTo("{\"refusal\":\"no\"}");
        assertThat(whole(STOP, reasoning, refusal).path("message").toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":null,\"refusal\":\"no\",\"reasoning_content\":\"hm\"}");
        assertThat(whole(STOP).path("message").path("content").asText(null)).isEmpty();
    }

    @Test
    void logProbabilitiesComeWithTheirAlternatives() {
        TokenInfo other = new TokenInfo(TokenInfo.UNKNOWN_ID, Bytes.utf8("b"), Double.NEGATIVE_INFINITY, List.of());
        TokenInfo half = new TokenInfo(TokenInfo.UNKNOWN_ID, Bytes.of((byte) 0xc3), -0.5, List.of(other));
        GenerationEvent text = text(PartKind.TEXT, "a", List.of(half));
        String expected = "{\"content\":[{\"token\":\"\ufffd\",\"logprob\":-0.5,\"bytes\":[195],\"top_logprobs\":"
                + "[{\"token\":\"b\",\"logprob\":-9999.0,\"bytes\":[98]}]}],\"refusal\":null}";
        assertThat(stream(STOP, text)
                        .get(1)
                        .path("choices")
                        .path(0)
                        .path("logprobs")
                        .toString())
                .isEqualTo(expected);
        assertThat(whole(STOP, text).path("logprobs").toString()).isEqualTo(expected);
        GenerationEvent refusal = text(PartKind.REFUSAL, "a", List.of(half));
        for (JsonNode logprobs : List.of(
                stream(STOP, refusal).get(1).path("choices").path(0).path("logprobs"),
                whole(STOP, refusal).path("logprobs"))) {
            assertThat(logprobs.path("refusal").size()).isOne();
        }
    }

    @Test
    void severalChoicesEachBeginAndEndAndTheLastCarriesTheReceipt() {
        Finished end = new Finished(List.of(FinishReason.STOP, FinishReason.LENGTH), new Usage(1, 2));
        GenerationEvent one = new TextDelta(1, PartKind.TEXT, "x", 1, List.of());
        List<JsonNode> chunks = stream(end, one);
        assertThat(chunks).hasSize(5);
        assertThat(chunks.stream()
                        .map(chunk ->
                                chunk.path("choices").path(0).path("index").asInt()))
                .containsExactly(1, 1, 0, 0, 1);
        assertThat(chunks.stream().map(chunk -> chunk.has("decentral")))
                .containsExactly(false, false, false, false, true);
        assertThat(chunks.stream()
                        .map(chunk -> chunk.path("choices")
                                .path(0)
                                .path("finish_reason")
                                .asText()))
                .containsExactly("null", "null", "null", "stop", "length");
        WholeAnswer answer = new WholeAnswer(HEAD);
        answer.add(one);
        JsonNode choices = json(answer.end(end, ReceiptFixture.pending())).path("choices");
        assertThat(choices.size()).isEqualTo(2);
        assertThat(choices.path(1).path("message").path("content").asText()).isEqualTo("x");
    }

    @Test
    void aBackendThatSkipsACallOrMislabelsTextIsFoundOut() {
        WholeAnswer answer = new WholeAnswer(HEAD);
        assertThatThrownBy(() -> answer.add(new ToolCallDelta(0, 1, "c", "f", "", 1)))
                .isInstanceOf(DecentralException.class);
        GenerationEvent wrong = text(PartKind.F32, "x", List.of());
        assertThatThrownBy(() -> answer.add(wrong)).isInstanceOf(DecentralException.class);
        assertThatThrownBy(() -> new ResponseEncoder(HEAD, false).piece(new JsonBytes(10), wrong))
                .isInstanceOf(DecentralException.class);
    }

    /** Every string, also with control characters and halves of characters, which come out as replacement characters. */
    @Property
    void stringsAreWrittenAsJsonReadsThem(@ForAll String text) throws IOException {
        byte[] json = new JsonBytes(1).quoted(text).toByteArray();
        String wellFormed = new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.UTF_16LE);
        assertThat(new ObjectMapper().readTree(json).textValue()).isEqualTo(wellFormed);
        assertThat(new String(json, StandardCharsets.UTF_8)).doesNotContain("\n", "\r");
    }

    private static GenerationEvent text(PartKind kind, String text, List<TokenInfo> info) {
        return new TextDelta(0, kind, text, 1, info);
    }

    private static JsonNode delta(JsonNode chunk) {
        return chunk.path("choices").path(0).path("delta");
    }

    private static String calls(JsonNode chunk) {
        return delta(chunk).path("tool_calls").toString();
    }

    private static List<JsonNode> stream(Finished end, GenerationEvent... pieces) {
        ResponseEncoder encoder = new ResponseEncoder(HEAD, false);
        JsonBytes out = new JsonBytes(1);
        for (GenerationEvent piece : pieces) {
            encoder.piece(out, piece);
        }
        encoder.end(out, end, ReceiptFixture.pending());
        List<JsonNode> chunks = new ArrayList<>();
        for (String event : new String(out.toByteArray(), StandardCharsets.UTF_8).split("\n\n", -1)) {
            if (!event.isEmpty() && !event.equals("data: [DONE]")) {
                chunks.add(GatewayFixture.json(event.substring("data: ".length())));
            }
        }
        return chunks;
    }

    private static JsonNode whole(Finished end, GenerationEvent... pieces) {
        WholeAnswer answer = new WholeAnswer(HEAD);
        for (GenerationEvent piece : pieces) {
            answer.add(piece);
        }
        return json(answer.end(end, ReceiptFixture.pending())).path("choices").path(0);
    }

    private static JsonNode json(byte[] json) {
        return GatewayFixture.json(new String(json, StandardCharsets.UTF_8));
    }
}
