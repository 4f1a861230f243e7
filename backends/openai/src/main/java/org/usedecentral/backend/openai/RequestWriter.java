package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.ContentPart;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** Writes requests as the upstream server's dialect wants them. What it has no words for is refused, never left out. Stateless. */
final class RequestWriter {
    private final ServedModel model;
    private final String maxTokensParameter;

    RequestWriter(ServedModel model, String maxTokensParameter) {
        this.model = model;
        this.maxTokensParameter = maxTokensParameter;
    }

    /** The body of a streamed completion. */
    ObjectNode streamed(GenerationRequest request) {
        ObjectNode body = prompt(request);
        sampling(body, request.sampling());
        limits(body, request);
        format(body, request.format());
        request.topLogprobs().ifPresent(top -> {
            body.put("logprobs", true);
            if (top > 0) {
                body.put("top_logprobs", top);
            }
        });
        body.put("stream", true);
        ObjectNode options = body.putObject("stream_options").put("include_usage", true);
        if (model.dialect() == Dialect.VLLM) {
            options.put("continuous_usage_stats", true);
        } else if (model.dialect() == Dialect.LLAMA_SERVER) {
            body.put("timings_per_token", true);
        }
        return body;
    }

    /** The body of the least completion there is, for its usage. */
    ObjectNode probe(GenerationRequest request) {
        return prompt(request).put(maxTokensParameter, 1);
    }

    /** Everything that becomes part of the prompt. */
    ObjectNode prompt(GenerationRequest request) {
        ObjectNode body = UpstreamJson.object().put("model", model.upstream());
        ArrayNode messages = body.putArray("messages");
        request.messages().forEach(message -> message(messages.addObject(), message));
        if (!request.resumeFrom().isEmpty()) {
            messages.addObject().put("role", "assistant").put("content", request.resumeFrom());
            if (model.dialect() == Dialect.VLLM) {
                body.put("continue_final_message", true).put("add_generation_prompt", false);
            }
        }
        if (!request.tools().isEmpty()) {
            ArrayNode tools = body.putArray("tools");
            request.tools().forEach(tool -> tool(tools.addObject(), tool));
            toolChoice(body, request.toolChoice());
        }
        return body;
    }

    private static void message(ObjectNode node, Message message) {
        node.put("role", message.role().wireName());
        content(node, message);
        if (message.name() != null) {
            node.put("name", message.name());
        }
        if (message.toolCallId() != null) {
            node.put("tool_call_id", message.toolCallId());
        }
        if (!message.toolCalls().isEmpty()) {
            ArrayNode calls = node.putArray("tool_calls");
            for (Message.ToolCall call : message.toolCalls()) {
                calls.addObject()
                        .put("id", call.id())
                        .put("type", "function")
                        .putObject("function")
                        .put("name", call.name())
                        .put("arguments", call.arguments());
            }
        }
    }

    private static void content(ObjectNode node, Message message) {
        boolean plain = message.parts().stream().allMatch(ContentPart.Text.class::isInstance);
        if (message.parts().isEmpty()) {
            node.putNull("content");
        } else if (plain && message.parts().size() == 1) {
            node.put("content", message.text());
        } else {
            ArrayNode parts = node.putArray("content");
            for (ContentPart part : message.parts()) {
                switch (part) {
                    case ContentPart.Text(String text) ->
                        parts.addObject().put("type", "text").put("text", text);
                    case ContentPart.Image image ->
                        parts.addObject()
                                .put("type", "image_url")
                                .putObject("image_url")
                                .put(
                                        "url",
                                        "data:" + image.mediaType() + ";base64,"
                                                + image.data().base64());
                }
            }
        }
    }

    private static void tool(ObjectNode node, Tool tool) {
        ObjectNode function = node.put("type", "function").putObject("function");
        function.put("name", tool.name());
        if (!tool.description().isEmpty()) {
            function.put("description", tool.description());
        }
        if (!tool.parametersSchema().isEmpty()) {
            function.set("parameters", UpstreamJson.readOf("tools", tool.parametersSchema()));
        }
        if (tool.strict()) {
            function.put("strict", true);
        }
    }

    private static void toolChoice(ObjectNode body, ToolChoice choice) {
        switch (choice.kind()) {
            case AUTO -> body.put("tool_choice", "auto");
            case NONE -> body.put("tool_choice", "none");
            case REQUIRED -> body.put("tool_choice", "required");
            case FUNCTION ->
                body.putObject("tool_choice")
                        .put("type", "function")
                        .putObject("function")
                        .put("name", choice.function());
        }
    }

    private void sampling(ObjectNode body, Sampling sampling) {
        body.put("temperature", sampling.temperature());
        body.put("top_p", sampling.topP());
        if (sampling.topK() != 0) {
            if (!model.dialect().takesTopK()) {
                throw DecentralException.unsupported("top_k by the server behind model "
                                + model.card().id())
                        .at("top_k");
            }
            body.put("top_k", sampling.topK());
        }
        if (sampling.minP() != 0) {
            body.put("min_p", sampling.minP());
        }
        if (sampling.presencePenalty() != 0) {
            body.put("presence_penalty", sampling.presencePenalty());
        }
        if (sampling.frequencyPenalty() != 0) {
            body.put("frequency_penalty", sampling.frequencyPenalty());
        }
        sampling.seed().ifPresent(seed -> body.put("seed", seed));
        if (!sampling.logitBias().isEmpty()) {
            ObjectNode biases = body.putObject("logit_bias");
            sampling.logitBias().forEach((token, bias) -> biases.put(String.valueOf(token), bias));
        }
    }

    private void limits(ObjectNode body, GenerationRequest request) {
        if (request.maxOutputTokens() > 0) {
            body.put(maxTokensParameter, request.maxOutputTokens());
        }
        if (request.choices() > 1) {
            body.put("n", request.choices());
        }
        if (!request.stop().isEmpty()) {
            ArrayNode stop = body.putArray("stop");
            request.stop().forEach(stop::add);
        }
    }

    private static void format(ObjectNode body, ResponseFormat format) {
        switch (format.kind()) {
            case TEXT -> {
                // What there is without being asked for.
            }
            case JSON_OBJECT -> body.putObject("response_format").put("type", "json_object");
            case JSON_SCHEMA ->
                body.putObject("response_format")
                        .put("type", "json_schema")
                        .putObject("json_schema")
                        .put("name", "answer")
                        .put("strict", true)
                        .set("schema", UpstreamJson.readOf("response_format", format.definition()));
            case GRAMMAR -> body.put("grammar", format.definition());
        }
    }
}
