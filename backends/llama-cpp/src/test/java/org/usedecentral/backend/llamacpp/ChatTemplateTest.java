package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.Tool;

final class ChatTemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-09T07:05:04Z"), ZoneOffset.UTC);

    @Test
    void rendersTheModelsOwnTemplate() {
        ChatTemplate template = template(GgufFile.read(TestEngine.model()).chatTemplate());
        assertThat(template.render(List.of(Message.of(Role.USER, "Hi {{ 7 }}"))))
                .isEqualTo("""
                        <|im_start|>system
                        You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
                        <|im_start|>user
                        Hi {{ 7 }}<|im_end|>
                        <|im_start|>assistant
                        """);
        assertThat(template.render(List.of(
                        Message.of(Role.SYSTEM, "S"),
                        Message.of(Role.USER, "a"),
                        Message.of(Role.ASSISTANT, "b"),
                        Message.of(Role.USER, "c"))))
                .isEqualTo("""
                        <|im_start|>system
                        S<|im_end|>
                        <|im_start|>user
                        a<|im_end|>
                        <|im_start|>assistant
                        b<|im_end|>
                        <|im_start|>user
                        c<|im_end|>
                        <|im_start|>assistant
                        """);
    }

    @Test
    void aTemplateMayRefuseAConversation() {
        ChatTemplate template =
                template("{% if messages[0].role != 'user' %}{{ raise_exception('no ' + messages[0].role)"
                        + " }}{% endif %}{{ bos_token }}{{ messages[0].content }}");
        assertThat(template.render(List.of(Message.of(Role.USER, "x")))).isEqualTo("<s>x");
        assertThatThrownBy(() -> template.render(List.of(Message.of(Role.SYSTEM, "x"))))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining("no system");
    }

    @Test
    void whatItDoesNotKnowIsSaid() {
        assertThatThrownBy(() -> template("{% include 'x' %}"))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE))
                .hasMessageContaining("line 1: unknown tag 'include'");
        assertThatThrownBy(() -> template("{{ messages | frobnicate }}").render(List.of(Message.of(Role.USER, "x"))))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FEATURE))
                .hasMessageContaining("frobnicate");
    }

    @Test
    void tellsTheDate() {
        assertThat(template("{{ strftime_now('%d %b %Y, %-d %B %H:%M') }}").render(List.of(Message.of(Role.USER, "x"))))
                .isEqualTo("09 Mar 2025, 9 March 07:05");
    }

    private static final List<Tool> TOOLS =
            List.of(new Tool("add", "Adds \"numbers\"", "{\"type\":\"object\",\"properties\":{}}", false));

    private static final List<Message> WITH_CALLS = List.of(
            Message.of(Role.USER, "1+2?"),
            new Message(
                    Role.ASSISTANT,
                    List.of(),
                    null,
                    List.of(
                            new Message.ToolCall("id1", "add", "{\"a\": 1}"),
                            new Message.ToolCall("id2", "add", "{\"b\": 2.5}")),
                    null),
            new Message(Role.TOOL, Message.of(Role.TOOL, "3").parts(), null, List.of(), "id1"),
            new Message(Role.TOOL, Message.of(Role.TOOL, "4").parts(), null, List.of(), "id2"));

    @Test
    void tellsATemplateThatKnowsOurSyntaxOfTools() {
        ChatTemplate template = template("{% for t in tools %}{{ t | tojson }}<tool_call>{% endfor %}"
                + "{% for m in messages %}[{{ m.role }} {{ m.content }}{% for c in m.tool_calls %}"
                + "{{ c.id }} {{ c.function.name }} {{ c.function.arguments | tojson }}{% endfor %}"
                + "{{ m.tool_call_id }}]{% endfor %}");
        assertThat(template.render(WITH_CALLS, TOOLS))
                .isEqualTo(
                        "{\"type\": \"function\", \"function\": {\"name\": \"add\", \"description\":"
                                + " \"Adds \\\"numbers\\\"\", \"parameters\": {\"type\": \"object\", \"properties\": {}}}}"
                                + "<tool_call>[user 1+2?][assistant id1 add {\"a\": 1}id2 add {\"b\": 2.5}][tool 3id1][tool 4id2]");
    }

    @Test
    void tellsAnyOtherTemplateInPlainText() {
        ChatTemplate template =
                template("{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}");
        assertThat(template.render(WITH_CALLS, TOOLS))
                .startsWith("<system>You can call functions.")
                .contains("{\"name\": \"add\", \"description\": \"Adds \\\"numbers\\\"\", \"parameters\": "
                        + "{\"type\":\"object\",\"properties\":{}}}")
                .endsWith("""
                        <user>1+2?</user><assistant><tool_call>
                        {"name": "add", "arguments": {"a": 1}}
                        </tool_call>
                        <tool_call>
                        {"name": "add", "arguments": {"b": 2.5}}
                        </tool_call></assistant><user><tool_response>
                        3
                        </tool_response>
                        <tool_response>
                        4
                        </tool_response></user>""");
    }

    @Test
    void aTemplateWithoutSystemMessagesIsToldInTheUsers() {
        ChatTemplate template = template("{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
                + "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}");
        assertThat(template.render(List.of(Message.of(Role.USER, "x")), TOOLS))
                .startsWith("<user>You can call functions.")
                .endsWith("\n\nx");
    }

    private static ChatTemplate template(String source) {
        return new ChatTemplate(source, new ChatTemplate.SpecialTokens("<s>", "</s>"), CLOCK);
    }
}
