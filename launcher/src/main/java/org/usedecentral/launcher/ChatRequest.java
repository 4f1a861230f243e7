package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a gateway; the answer is streamed.
 *
 * @param temperature null: the model's own
 * @param maxTokens null: the gateway's own
 */
record ChatRequest(
        String model,
        List<Line> conversation,
        @Nullable Double temperature,
        @Nullable Integer maxTokens) {
    ChatRequest {
        conversation = List.copyOf(conversation);
    }

    /** One message of a conversation. */
    record Line(String role, String content) {
        static Line user(String content) {
            return new Line("user", content);
        }
    }

    String json(JsonMapper mapper) {
        ObjectNode root = mapper.createObjectNode().put("model", model).put("stream", true);
        if (temperature != null) {
            root.put("temperature", temperature);
        }
        if (maxTokens != null) {
            root.put("max_completion_tokens", maxTokens);
        }
        var messages = root.putArray("messages");
        for (Line line : conversation) {
            messages.addObject().put("role", line.role()).put("content", line.content());
        }
        return root.toString();
    }
}
