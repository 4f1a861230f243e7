package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.ContentPart;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.Message.ToolCall;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

final class RequestReaderTest {
    private static final String TOOLS =
            ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"does\","
                    + "\"parameters\":{\"type\":\"object\"},\"strict\":true}},"
                    + "{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]";

    @Test
    void theLeastRequestHasOpenAisDefaults() {
        ChatRequest chat = read(GatewayFixture.body(""));
        assertThat(chat.stream()).isFalse();
        assertThat(chat.includeUsage()).isFalse();
        GenerationRequest request = chat.generation();
        assertThat(request.messages()).containsExactly(Message.of(Role.USER, "Hi"));
        assertThat(request.sampling().temperature()).isEqualTo(1);
        assertThat(request.sampling().topP()).isEqualTo(1);
        assertThat(request.sampling().seed()).isEmpty();
        assertThat(request.choices()).isEqualTo(1);
        assertThat(request.maxOutputTokens()).isZero();
        assertThat(request.stop()).isEmpty();
        assertThat(request.topLogprobs()).isEmpty();
        assertThat(request.format()).isEqualTo(ResponseFormat.TEXT);
        assertThat(request.toolChoice()).isEqualTo(ToolChoice.AUTO);
    }

    @Test
    void everyParameterThatCountsIsHonoured() {
        GenerationRequest request = read(GatewayFixture.body(",\"temperature\":0.5,\"top_p\":0.9,\"top_k\":40,"
                        + "\"min_p\":0.05,\"seed\":-7,\"stop\":[\"a\",\"b\"],\"max_tokens\":9,\"n\":2,\"logprobs\":true,"
                        + "\"top_logprobs\":3,\"presence_penalty\":1,\"frequency_penalty\":-2,"
                        + "\"logit_bias\":{\"0\":-100,\"50256\":2.5}"))
                .generation();
        assertThat(request.sampling().temperature()).isEqualTo(0.5);
        assertThat(request.sampling().topP()).isEqualTo(0.9);
        assertThat(request.sampling().topK()).isEqualTo(40);
        assertThat(request.sampling().minP()).isEqualTo(0.05);
        assertThat(request.sampling().seed()).isEqualTo(OptionalLong.of(-7));
        assertThat(request.stop()).containsExactly("a", "b");
        assertThat(request.maxOutputTokens()).isEqualTo(9);
        assertThat(request.choices()).isEqualTo(2);
        assertThat(request.topLogprobs()).isEqualTo(OptionalInt.of(3));
        assertThat(request.sampling().presencePenalty()).isEqualTo(1);
        assertThat(request.sampling().frequencyPenalty()).isEqualTo(-2);
        assertThat(request.sampling().logitBias()).isEqualTo(Map.of(0, -100.0, 50256, 2.5));
    }

    @Test
    void oneMeaningHasSeveralForms() {
        assertThat(read(GatewayFixture.body(",\"stop\":\"x\"")).generation().stop())
                .containsExactly("x");
        assertThat(read(GatewayFixture.body(",\"max_completion_tokens\":9"))
                        .generation()
                        .maxOutputTokens())
                .isEqualTo(9);
        assertThat(read(GatewayFixture.body(",\"max_completion_tokens\":9,\"max_tokens\":9"))
                        .generation()
                        .maxOutputTokens())
                .isEqualTo(9);
        assertThat(read(GatewayFixture.body(",\"logprobs\":true")).generation().topLogprobs())
                .isEqualTo(OptionalInt.of(0));
        ChatRequest stream = read(GatewayFixture.body(
                ",\"stream\":true,\"stream_options\":{\"include_usage\":true," + "\"include_obfuscation\":false}"));
        assertThat(stream.stream()).isTrue();
        assertThat(stream.includeUsage()).isTrue();
    }

    @Test
    void nullIsAbsent() {
        StringBuilder nulls = new StringBuilder();
        String names = """
                temperature top_p top_k min_p seed stop max_tokens max_completion_tokens n stream
                stream_options response_format tools tool_choice parallel_tool_calls logprobs top_logprobs
                presence_penalty frequency_penalty logit_bias user metadata store audio functions
                function_call modalities prediction reasoning_effort verbosity service_tier
                web_search_options safety_identifier prompt_cache_key prompt_cache_retention""";
        for (String name : List.of(names.split("\\s+", -1))) {
            nulls.append(",\"").append(name).append("\":null");
        }
        assertThat(read(GatewayFixture.body(nulls.toString())).generation().stop())
                .isEmpty();
    }

    @Test
    void labelsAndHintsChangeNothing() {
        read(GatewayFixture.body(",\"user\":\"u\",\"metadata\":{\"a\":\"b\"},\"store\":false,\"service_tier\":\"auto\","
                + "\"modalities\":[\"text\"],\"parallel_tool_calls\":true,\"prompt_cache_key\":\"k\","
                + "\"safety_identifier\":\"s\",\"prompt_cache_retention\":\"24h\""));
    }

    @Test
    void conversationsKeepTheirRolesPartsAndCalls() {
        List<Message> messages = messages("""
                {"role":"developer","content":"Be brief."},
                {"role":"system","content":[{"type":"text","text":"And "},{"type":"text","text":"kind."}]},
                {"role":"user","name":"ann","content":[{"type":"text","text":"What is it?"},
                 {"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC","detail":"auto"}}]},
                {"role":"assistant","content":null,"refusal":null,"audio":null,"function_call":null,"annotations":[],
                 "reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","index":0,
                 "function":{"name":"f","arguments":"{}"}}]},
                {"role":"tool","tool_call_id":"c1","content":"42"},
                {"role":"assistant","content":[{"type":"refusal","refusal":"No."}]},
                {"role":"assistant","refusal":"Never."},
                {"role":"user","content":""}""");
        assertThat(messages)
                .containsExactly(
                        Message.of(Role.SYSTEM, "Be brief."),
                        new Message(
                                Role.SYSTEM,
                                List.of(new ContentPart.Text("And "), new ContentPart.Text("kind.")),
                                null,
                                List.of(),
                                null),
                        new Message(
                                Role.USER,
                                List.of(
                                        new ContentPart.Text("What is it?"),
                                        new ContentPart.Image("image/png", Bytes.of((byte) 0, (byte) 1, (byte) 2))),
                                "ann",
                                List.of(),
                                null),
                        new Message(Role.ASSISTANT, List.of(), null, List.of(new ToolCall("c1", "f", "{}")), null),
                        new Message(Role.TOOL, List.of(new ContentPart.Text("42")), null, List.of(), "c1"),
                        Message.of(Role.ASSISTANT, "No."),
                        Message.of(Role.ASSISTANT, "Never."),
                        Message.of(Role.USER, ""));
    }

    @Test
    void toolsAndFormatsAreRead() {
        GenerationRequest request = read(GatewayFixture.body(TOOLS + ",\"tool_choice\":\"required\""))
                .generation();
        assertThat(request.tools())
                .containsExactly(
                        new Tool("f", "does", "{\"type\":\"object\"}", true),
                        new Tool("g", "", "{\"type\":\"object\",\"properties\":{}}", false));
        assertThat(request.toolChoice()).isEqualTo(ToolChoice.REQUIRED);
        assertThat(read(GatewayFixture.body(
                                TOOLS + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}"))
                        .generation()
                        .toolChoice())
                .isEqualTo(new ToolChoice(ToolChoice.Kind.FUNCTION, "g"));
        assertThat(format("{\"type\":\"json_object\"}"))
                .isEqualTo(new ResponseFormat(ResponseFormat.Kind.JSON_OBJECT, ""));
        assertThat(format("{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"strict\":true,"
                        + "\"schema\":{\"type\":\"object\"}}}"))
                .isEqualTo(new ResponseFormat(ResponseFormat.Kind.JSON_SCHEMA, "{\"type\":\"object\"}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "temperature":"1"                       | temperature              | INVALID_REQUEST
            "temperature":-0.1                      | temperature              | INVALID_REQUEST
            "temperature":1e999                     | temperature              | INVALID_REQUEST
            "top_p":1.1                             | top_p                    | INVALID_REQUEST
            "top_k":-1                              | top_k                    | INVALID_REQUEST
            "min_p":2                               | min_p                    | INVALID_REQUEST
            "seed":1.5                              | seed                     | INVALID_REQUEST
            "seed":9223372036854775808              | seed                     | INVALID_REQUEST
            "stop":1                                | stop                     | INVALID_REQUEST
            "stop":[1]                              | stop[0]                  | INVALID_REQUEST
            "stop":""                               | stop                     | INVALID_REQUEST
            "stop":["","x"]                         | stop                     | INVALID_REQUEST
            "max_tokens":0                          | max_tokens               | INVALID_REQUEST
            "max_tokens":true                       | max_tokens               | INVALID_REQUEST
            "max_tokens":1.0                        | max_tokens               | INVALID_REQUEST
            "max_tokens":3000000000                 | max_tokens               | INVALID_REQUEST
            "max_tokens":1,"max_completion_tokens":2| max_tokens               | INVALID_REQUEST
            "n":129                                 | n                        | INVALID_REQUEST
            "n":"1"                                 | n                        | INVALID_REQUEST
            "stream":"true"                         | stream                   | INVALID_REQUEST
            "stream_options":{}                     | stream_options           | INVALID_REQUEST
            "stream":true,"stream_options":{"x":1}  | stream_options.x         | INVALID_REQUEST
            "stream":true,"stream_options":{"include_obfuscation":true} | stream_options.include_obfuscation | UNSUPPORTED_FEATURE
            "logprobs":1                            | logprobs                 | INVALID_REQUEST
            "top_logprobs":3                        | top_logprobs             | INVALID_REQUEST
            "logprobs":true,"top_logprobs":21       | top_logprobs             | INVALID_REQUEST
            "presence_penalty":2.1                  | presence_penalty         | INVALID_REQUEST
            "frequency_penalty":-2.1                | frequency_penalty        | INVALID_REQUEST
            "logit_bias":[1]                        | logit_bias               | INVALID_REQUEST
            "logit_bias":{"x":1}                    | logit_bias               | INVALID_REQUEST
            "logit_bias":{"5":101}                  | logit_bias               | INVALID_REQUEST
            "logit_bias":{"99999999999":1}          | logit_bias               | INVALID_REQUEST
            "user":5                                | user                     | INVALID_REQUEST
            "metadata":{"a":1}                      | metadata                 | INVALID_REQUEST
            "metadata":"x"                          | metadata                 | INVALID_REQUEST
            "store":true                            | store                    | UNSUPPORTED_FEATURE
            "service_tier":"flex"                   | service_tier             | UNSUPPORTED_FEATURE
            "modalities":["text","audio"]           | modalities               | UNSUPPORTED_FEATURE
            "audio":{"voice":"x"}                   | audio                    | UNSUPPORTED_FEATURE
            "functions":[]                          | functions                | UNSUPPORTED_FEATURE
            "function_call":"auto"                  | function_call            | UNSUPPORTED_FEATURE
            "prediction":{}                         | prediction               | UNSUPPORTED_FEATURE
            "reasoning_effort":"low"                | reasoning_effort         | UNSUPPORTED_FEATURE
            "verbosity":"low"                       | verbosity                | UNSUPPORTED_FEATURE
            "web_search_options":{}                 | web_search_options       | UNSUPPORTED_FEATURE
            "Temperature":1                         | Temperature              | INVALID_REQUEST
            "response_format":"json"                | response_format          | INVALID_REQUEST
            "response_format":{"type":"xml"}        | response_format.type     | INVALID_REQUEST
            "response_format":{"type":"text","x":1} | response_format.x        | INVALID_REQUEST
            "response_format":{"type":"json_schema"}| response_format.json_schema | INVALID_REQUEST
            "response_format":{"type":"json_schema","json_schema":{"name":"s"}} | response_format.json_schema.schema | INVALID_REQUEST
            "response_format":{"type":"json_schema","json_schema":{"name":"a b","schema":{}}} | response_format.json_schema.name | INVALID_REQUEST
            "tools":{}                              | tools                    | INVALID_REQUEST
            "tools":[{}]                            | tools[0].type            | INVALID_REQUEST
            "tools":[{"type":"custom"}]             | tools[0].type            | UNSUPPORTED_FEATURE
            "tools":[{"type":"function"}]           | tools[0].function        | INVALID_REQUEST
            "tools":[{"type":"function","function":{"name":"a b"}}] | tools[0].function.name | INVALID_REQUEST
            "tools":[{"type":"function","function":{"name":"a","parameters":[]}}] | tools[0].function.parameters | INVALID_REQUEST
            "tools":[{"type":"function","function":{"name":"a","x":1}}] | tools[0].function.x | INVALID_REQUEST
            "tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"a"}}] | tools | INVALID_REQUEST
            "tool_choice":"required"                | tool_choice              | INVALID_REQUEST
            "tool_choice":"sometimes"               | tool_choice              | INVALID_REQUEST
            "tool_choice":5                         | tool_choice              | INVALID_REQUEST
            "tool_choice":{"type":"allowed_tools"}  | tool_choice.type         | UNSUPPORTED_FEATURE
            "tool_choice":{"type":"function","function":{"name":"x"}} | tool_choice.function.name | INVALID_REQUEST
            "tools":[{"type":"function","function":{"name":"a"}}],"parallel_tool_calls":false | parallel_tool_calls | UNSUPPORTED_FEATURE
            """)
    void whatIsWrongIsRefusedByName(String more, String parameter, ErrorCode code) {
        assertRefused(GatewayFixture.body("," + more), parameter, code);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            5                                              | messages[1]                 | INVALID_REQUEST
            {"content":"x"}                                | messages[1].role            | INVALID_REQUEST
            {"role":"king","content":"x"}                  | messages[1].role            | INVALID_REQUEST
            {"role":"function","content":"x"}              | messages[1].role            | UNSUPPORTED_FEATURE
            {"role":"user"}                                | messages[1].content         | INVALID_REQUEST
            {"role":"user","content":null}                 | messages[1].content         | INVALID_REQUEST
            {"role":"user","content":5}                    | messages[1].content         | INVALID_REQUEST
            {"role":"user","content":[]}                   | messages[1].content         | INVALID_REQUEST
            {"role":"user","content":[5]}                  | messages[1].content[0]      | INVALID_REQUEST
            {"role":"user","content":[{"type":"x"}]}       | messages[1].content[0].type | INVALID_REQUEST
            {"role":"user","content":[{"type":"text"}]}    | messages[1].content[0].text | INVALID_REQUEST
            {"role":"user","content":[{"type":"text","text":"x","y":1}]} | messages[1].content[0].y | INVALID_REQUEST
            {"role":"user","content":[{"type":"file"}]}    | messages[1].content[0].type | UNSUPPORTED_FEATURE
            {"role":"system","content":[{"type":"image_url","image_url":{"url":"x"}}]} | messages[1].content[0].type | INVALID_REQUEST
            {"role":"user","content":[{"type":"image_url","image_url":{"url":"http://a/b.png"}}]} | messages[1].content[0].image_url.url | INVALID_REQUEST
            {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,A"}}]} | messages[1].content[0].image_url.url | INVALID_REQUEST
            {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC","detail":"high"}}]} | messages[1].content[0].image_url.detail | UNSUPPORTED_FEATURE
            {"role":"user","content":"x","name":5}         | messages[1].name            | INVALID_REQUEST
            {"role":"user","content":"x","tool_calls":[]}  | messages[1].tool_calls      | INVALID_REQUEST
            {"role":"user","content":"\\ud800"}            | messages[1].content         | INVALID_REQUEST
            {"role":"assistant"}                           | messages[1].content         | INVALID_REQUEST
            {"role":"assistant","content":"x","audio":{}}  | messages[1].audio           | UNSUPPORTED_FEATURE
            {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f"}}]} | messages[1].tool_calls[0].function.arguments | INVALID_REQUEST
            {"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":""}}]} | messages[1].tool_calls[0].id | INVALID_REQUEST
            {"role":"assistant","tool_calls":[{"id":"a","type":"custom"}]} | messages[1].tool_calls[0].type | UNSUPPORTED_FEATURE
            {"role":"tool","content":"x"}                  | messages[1].tool_call_id    | INVALID_REQUEST
            {"role":"tool","content":"x","tool_call_id":"c"} | messages[1].tool_call_id  | INVALID_REQUEST
            """)
    void whatIsWrongWithAMessageIsRefusedByItsPlace(String message, String parameter, ErrorCode code) {
        String good = "{\"role\":\"user\",\"content\":\"Hi\"}";
        assertRefused(GatewayFixture.body("").replace(good, good + "," + message), parameter, code);
    }

    @Test
    void namesThatAreLongAreNotRepeatedWhole() {
        assertThatThrownBy(() -> read(GatewayFixture.body(",\"" + "x".repeat(1_000) + "\":1")))
                .hasMessageMatching("x{64}… is not a parameter that this gateway knows");
    }

    private static ResponseFormat format(String json) {
        return read(GatewayFixture.body(",\"response_format\":" + json))
                .generation()
                .format();
    }

    private static List<Message> messages(String json) {
        return read("{\"model\":\"m\",\"messages\":[" + json + "]}")
                .generation()
                .messages();
    }

    private static ChatRequest read(String body) {
        return RequestReader.read(Bytes.utf8(body).toByteArray());
    }

    private static void assertRefused(String body, String parameter, ErrorCode code) {
        assertThatThrownBy(() -> read(body)).isInstanceOfSatisfying(DecentralException.class, e -> {
            assertThat(e.parameter()).isEqualTo(parameter);
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.message()).isNotBlank();
        });
    }
}
