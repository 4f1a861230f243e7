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

    private static ChatTemplate template(String source) {
        return new ChatTemplate(source, new ChatTemplate.SpecialTokens("<s>", "</s>"), CLOCK);
    }
}
