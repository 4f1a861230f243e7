package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.ContentPart;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.Message.ToolCall;

/** Reads the conversation of a chat completion. Stateless. */
final class MessageReader {
    private static final int MAX_MESSAGES = 10_000;
    private static final int MAX_PARTS = 1_000;
    private static final int MAX_CALLS = 128;
    private static final int MAX_NAME = 64;
    private static final int MAX_ID = 256;
    private static final Pattern DATA_URL = Pattern.compile("data:(image/[a-z0-9.+-]{1,64});base64,");

    private MessageReader() {}

    static List<Message> read(RequestFields body) {
        body.need("messages");
        Set<String> calls = new HashSet<>();
        return body.list("messages", MAX_MESSAGES, item -> message(item.fields(), calls));
    }

    /** Reads one message; {@code calls} are the ids of the calls made before it. */
    private static Message message(RequestFields fields, Set<String> calls) {
        Role role = role(fields);
        String name = label(fields, "name", MAX_NAME);
        List<ContentPart> parts = new ArrayList<>(content(fields, role));
        List<ToolCall> toolCalls = List.of();
        String toolCallId = null;
        if (role == Role.ASSISTANT) {
            toolCalls = fields.list("tool_calls", MAX_CALLS, MessageReader::toolCall);
            fields.optionalText("refusal").ifPresent(refusal -> parts.add(new ContentPart.Text(refusal)));
            readOwnExtras(fields);
            if (parts.isEmpty() && toolCalls.isEmpty()) {
                throw RequestFields.wrong(fields.at("content"), "is required unless there are tool_calls");
            }
            toolCalls.forEach(call -> calls.add(call.id()));
        } else if (role == Role.TOOL) {
            toolCallId = fields.text("tool_call_id");
            if (!calls.contains(toolCallId)) {
                throw RequestFields.wrong(fields.at("tool_call_id"), "answers no tool call of an earlier message");
            }
        }
        fields.end();
        return new Message(role, parts, name, toolCalls, toolCallId);
    }

    /** What an assistant's message of an earlier answer carries beside its text; none of it is part of a prompt. */
    private static void readOwnExtras(RequestFields fields) {
        fields.optionalText("reasoning_content");
        fields.list("annotations", MAX_PARTS, item -> item);
        fields.unsupported("audio");
        fields.unsupported("function_call");
    }

    private static Role role(RequestFields fields) {
        String role = fields.text("role");
        return switch (role) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "tool" -> Role.TOOL;
            case "function" -> throw RequestFields.unsupportedAt(fields.at("role"), "role function (use tool)");
            default ->
                throw RequestFields.wrong(fields.at("role"), "must be one of system, developer, user, assistant, tool");
        };
    }

    private static List<ContentPart> content(RequestFields fields, Role role) {
        JsonNode content = fields.find("content");
        if (content == null) {
            if (role == Role.ASSISTANT) {
                return List.of();
            }
            throw RequestFields.wrong(fields.at("content"), "is required");
        }
        if (content.isTextual()) {
            return List.of(new ContentPart.Text(fields.text("content")));
        }
        if (!content.isArray() || content.isEmpty()) {
            throw RequestFields.wrong(fields.at("content"), "must be a string or an array of parts, not empty");
        }
        return fields.list("content", MAX_PARTS, item -> part(item.fields(), role));
    }

    private static ContentPart part(RequestFields fields, Role role) {
        String type = fields.text("type");
        ContentPart part;
        if (type.equals("text")) {
            part = new ContentPart.Text(fields.text("text"));
        } else if (type.equals("refusal") && role == Role.ASSISTANT) {
            part = new ContentPart.Text(fields.text("refusal"));
        } else if (type.equals("image_url") && role == Role.USER) {
            part = image(RequestFields.of(fields.at("image_url"), fields.need("image_url")));
        } else if (type.equals("input_audio") || type.equals("file")) {
            throw RequestFields.unsupportedAt(fields.at("type"), "content of type " + type);
        } else {
            throw RequestFields.wrong(fields.at("type"), "must be text, or for a user's message image_url");
        }
        fields.end();
        return part;
    }

    /** Images travel in the request: a gateway fetches no address that a client names. */
    private static ContentPart image(RequestFields fields) {
        String url = fields.text("url");
        fields.optionalText("detail").filter(detail -> !detail.equals("auto")).ifPresent(detail -> {
            throw RequestFields.unsupportedAt(fields.at("detail"), "an image detail other than auto");
        });
        fields.end();
        Matcher matcher = DATA_URL.matcher(url);
        if (!matcher.lookingAt()) {
            throw RequestFields.wrong(
                    fields.at("url"), "must be a data: URL with base64, such as data:image/png;base64,…");
        }
        try {
            return new ContentPart.Image(matcher.group(1), Bytes.fromBase64(url.substring(matcher.end())));
        } catch (IllegalArgumentException e) {
            throw RequestFields.wrong(fields.at("url"), "does not hold canonical base64");
        }
    }

    private static ToolCall toolCall(RequestFields.Item item) {
        RequestFields fields = item.fields();
        if (!fields.text("type").equals("function")) {
            throw RequestFields.unsupportedAt(fields.at("type"), "a tool call that is not a function");
        }
        fields.integer("index", 0, MAX_CALLS);
        String id = fields.text("id");
        if (id.isEmpty() || id.length() > MAX_ID) {
            throw RequestFields.wrong(fields.at("id"), "must have 1 to " + MAX_ID + " characters");
        }
        RequestFields function = RequestFields.of(fields.at("function"), fields.need("function"));
        ToolCall call = new ToolCall(id, function.text("name"), function.text("arguments"));
        function.end();
        fields.end();
        return call;
    }

    private static @Nullable String label(RequestFields fields, String name, int limit) {
        String text = fields.optionalText(name).orElse(null);
        if (text != null && text.length() > limit) {
            throw RequestFields.wrong(fields.at(name), "must have at most " + limit + " characters");
        }
        return text;
    }
}
