package org.usedecentral.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

final class RequestCodecTest {
    private static final GenerationRequest PLAIN = GenerationRequest.builder(
                    new ModelId("m"), List.of(Message.of(Message.Role.USER, "Hi")))
            .build();

    /** Every option that a request has, none at its default. */
    private static GenerationRequest everything() {
        Message image = new Message(
                Message.Role.USER,
                List.of(
                        new Message.ContentPart.Text("what is „this“?\n"),
                        new Message.ContentPart.Image("image/png", Bytes.utf8("\u0000png"))),
                "anna",
                List.of(),
                null);
        Message call = new Message(
                Message.Role.ASSISTANT,
                List.of(),
                null,
                List.of(new Message.ToolCall("call_1", "weather", "{\"city\":\"Köln\"}")),
                null);
        Message answer = new Message(
                Message.Role.TOOL, List.of(new Message.ContentPart.Text("rain")), null, List.of(), "call_1");
        return GenerationRequest.builder(
                        new ModelId("models/large-1"),
                        List.of(Message.of(Message.Role.SYSTEM, "be brief"), image, call, answer))
                .sampling(Sampling.builder()
                        .temperature(0.25)
                        .topP(0.5)
                        .topK(40)
                        .minP(0.05)
                        .presencePenalty(-1.5)
                        .frequencyPenalty(2)
                        .logitBias(Map.of(0, -100.0, 31_999, 0.1))
                        .seed(Long.MIN_VALUE)
                        .build())
                .maxOutputTokens(77)
                .stop(List.of("\n\n", "END"))
                .choices(3)
                .format(new ResponseFormat(ResponseFormat.Kind.JSON_SCHEMA, "{\"type\":\"object\"}"))
                .tools(
                        List.of(new Tool("weather", "the weather", "{}", true), new Tool("time", "", "{}", false)),
                        new ToolChoice(ToolChoice.Kind.FUNCTION, "weather"))
                .topLogprobs(OptionalInt.of(0))
                .resumeFrom("It rains")
                .build();
    }

    @Test
    void everyOptionArrives() {
        GenerationRequest sent = everything();
        assertThat(RequestCodec.decode(RequestCodec.encode(sent)))
                .usingRecursiveComparison()
                .isEqualTo(sent);
    }

    @Test
    void defaultsStayDefaults() {
        assertThat(RequestCodec.decode(RequestCodec.encode(PLAIN)))
                .usingRecursiveComparison()
                .isEqualTo(PLAIN);
    }

    @Test
    void aRequestAlwaysHasTheSameBytes() {
        assertThat(RequestCodec.encode(RequestCodec.decode(RequestCodec.encode(everything()))))
                .isEqualTo(RequestCodec.encode(everything()));
    }

    @Test
    void everyKindOfFormatAndChoiceArrives() {
        for (ResponseFormat.Kind format : ResponseFormat.Kind.values()) {
            for (ToolChoice.Kind choice : ToolChoice.Kind.values()) {
                GenerationRequest sent = PLAIN.toBuilder()
                        .format(new ResponseFormat(format, ""))
                        .tools(List.of(), new ToolChoice(choice, null))
                        .build();
                GenerationRequest got = RequestCodec.decode(RequestCodec.encode(sent));
                assertThat(got.format()).isEqualTo(sent.format());
                assertThat(got.toolChoice()).isEqualTo(sent.toolChoice());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "role":"user"           | "role":"wizard"
            "role":"user"           | "role":null
            "messages":[            | "messages":[null,
            "parts":[               | "parts":[null,
            "tool_calls":[]         | "tool_calls":[null]
            "stop":[]               | "stop":[null]
            "stop":[]               | "stop":[""]
            "seed":[]               | "seed":[null]
            "logit_bias":{}         | "logit_bias":{"1":null}
            "logit_bias":{}         | "logit_bias":{"one":1}
            "tools":[]              | "tools":[null]
            "choices":1             | "choices":0
            "choices":1             | "choices":1000000
            "temperature":1.0       | "temperature":-1
            "temperature":1.0       | "temperature":"NaN"
            "top_k":0               | "top_k":-1
            "max_output_tokens":0   | "max_output_tokens":-1
            "format":"TEXT"         | "format":"POEM"
            "model":"m"             | "model":""
            """)
    void aRequestThatIsNoneIsRefused(String from, String to) {
        String json = RequestCodec.encode(PLAIN).utf8();
        assertThat(json).contains(from);
        assertThatThrownBy(() -> RequestCodec.decode(Bytes.utf8(json.replace(from, to))))
                .isInstanceOfSatisfying(DecentralException.class, RequestCodecTest::isInvalid);
    }

    @Test
    void damagedRequestsAreReadOrRefused() {
        Random random = new Random(20_300_131);
        byte[] good = RequestCodec.encode(everything()).toByteArray();
        for (int i = 0; i < 20_000; i++) {
            byte[] payload = good.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
            }
            try {
                var _ = RequestCodec.decode(Bytes.of(payload));
            } catch (DecentralException e) {
                isInvalid(e);
            }
        }
    }

    private static void isInvalid(DecentralException error) {
        assertThat(error.code()).as(error.message()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }
}
