package org.usedecentral.backend.llamacpp;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.backend.llamacpp.jinja.JinjaException;
import org.usedecentral.backend.llamacpp.jinja.JinjaTemplate;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Tool;

/** Renders a conversation as the model's own chat template has it. Thread-safe. */
final class ChatTemplate {
    private final JinjaTemplate template;
    private final String bos;
    private final String eos;
    private final boolean knowsTools;

    /** What templates are told of the special tokens. */
    record SpecialTokens(String bos, String eos) {}

    /**
     * Parses a model's template.
     *
     * @throws DecentralException {@code UNSUPPORTED_FEATURE} naming what we do not know in it
     */
    ChatTemplate(String source, SpecialTokens special, Clock clock) {
        this.bos = special.bos();
        this.eos = special.eos();
        this.knowsTools = CallSyntax.isUsedBy(source);
        try {
            this.template = JinjaTemplate.parse(source, () -> LocalDateTime.now(clock));
        } catch (JinjaException e) {
            throw unusable(e);
        }
    }

    /** The prompt of a conversation without tools. */
    String render(List<Message> messages) {
        return render(messages, List.of());
    }

    /**
     * The prompt, ending where the assistant's answer begins. Tools and calls are written by the template if it has our
     * syntax for them ({@link CallSyntax}), else by {@link ToolText} as plain text.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the template refuses the conversation, such as one whose
     *     roles do not alternate; {@code UNSUPPORTED_FEATURE} if it does what we do not know
     */
    String render(List<Message> messages, List<Tool> tools) {
        try {
            if (tools.isEmpty() && !ToolText.isIn(messages)) {
                return render(plain(messages), Map.of());
            }
            if (knowsTools) {
                try {
                    return render(ToolText.turns(messages), Map.of("tools", ToolText.described(tools)));
                } catch (JinjaException _) {
                    // Such as one that wants ids of its own form; as text the conversation still makes sense.
                }
            }
            try {
                return render(plain(ToolText.withSystemMessage(messages, tools)), Map.of());
            } catch (JinjaException e) {
                if (!e.isRaised()) {
                    throw e;
                }
                return render(plain(ToolText.withUserMessage(messages, tools)), Map.of());
            }
        } catch (JinjaException e) {
            if (e.isRaised()) {
                throw DecentralException.invalid("messages", "the model's chat template says: " + e.getMessage());
            }
            throw unusable(e);
        }
    }

    private static List<Map<String, Object>> plain(List<Message> messages) {
        List<Map<String, Object>> turns = new ArrayList<>(messages.size());
        for (Message message : messages) {
            turns.add(Map.of("role", message.role().wireName(), "content", message.text()));
        }
        return turns;
    }

    private String render(List<Map<String, Object>> turns, Map<String, Object> more) {
        Map<String, Object> variables = new HashMap<>(more);
        variables.put("messages", turns);
        variables.put("add_generation_prompt", true);
        variables.put("bos_token", bos);
        variables.put("eos_token", eos);
        return template.render(variables);
    }

    private static DecentralException unusable(JinjaException e) {
        return new DecentralException(
                ErrorCode.UNSUPPORTED_FEATURE, "the model's chat template cannot be rendered: " + e.getMessage(), e);
    }
}
