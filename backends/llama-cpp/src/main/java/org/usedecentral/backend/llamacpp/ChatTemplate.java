package org.usedecentral.backend.llamacpp;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Message;

/** Renders a conversation as the model's own chat template has it. Thread-safe. */
final class ChatTemplate {
    private final Jinjava jinja;
    private final String source;
    private final String bos;
    private final String eos;

    ChatTemplate(String source, String bos, String eos) {
        this.source = source;
        this.bos = bos;
        this.eos = eos;
        this.jinja = new Jinjava(JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                // Or what a client writes between braces would be run as a template.
                .withNestedInterpretationEnabled(false)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUsePyishObjectMapper(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .withParseWhitespaceControlStrictly(true)
                        .withAllowAdjacentTextNodes(true)
                        .withUseTrimmingForNotesAndExpressions(true)
                        .withKeepNullableLoopValues(true)
                        .build())
                .build());
    }

    /**
     * The prompt, ending where the assistant's answer begins.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if the template refuses the conversation
     */
    String render(List<Message> messages) {
        List<Map<String, Object>> turns = new ArrayList<>(messages.size());
        for (Message message : messages) {
            turns.add(Map.of("role", message.role().wireName(), "content", message.text()));
        }
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", turns);
        variables.put("add_generation_prompt", true);
        variables.put("bos_token", bos);
        variables.put("eos_token", eos);
        RenderResult result = jinja.renderForResult(source, variables);
        for (TemplateError error : result.getErrors()) {
            throw new DecentralException(
                    ErrorCode.UNSUPPORTED_FEATURE, "the model's chat template cannot be rendered: " + error.getMessage());
        }
        return result.getOutput();
    }
}
