package org.usedecentral.spi.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;

/**
 * One message of a conversation.
 *
 * @param name of the participant, if the client gave one
 * @param toolCalls what an assistant message asked for
 * @param toolCallId the call that a tool message answers
 */
public record Message(
        Role role,
        List<ContentPart> parts,
        @Nullable String name,
        List<ToolCall> toolCalls,
        @Nullable String toolCallId) {
    /** Who speaks. */
    public enum Role {
        SYSTEM("system"),
        USER("user"),
        ASSISTANT("assistant"),
        TOOL("tool");

        private final String wireName;

        Role(String wireName) {
            this.wireName = wireName;
        }

        /** The name in OpenAI's API and in chat templates. */
        public String wireName() {
            return wireName;
        }
    }

    /** A piece of a message. */
    public sealed interface ContentPart {
        /** Text. */
        record Text(String text) implements ContentPart {}

        /** An image of the given media type. */
        record Image(String mediaType, Bytes data) implements ContentPart {}
    }

    /** A call that the assistant made. */
    public record ToolCall(String id, String name, String arguments) {}

    public Message {
        parts = List.copyOf(parts);
        toolCalls = List.copyOf(toolCalls);
    }

    /** A message of text alone. */
    public static Message of(Role role, String text) {
        return new Message(role, List.of(new ContentPart.Text(text)), null, List.of(), null);
    }

    /** The text parts, joined. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text(String piece)) {
                text.append(piece);
            }
        }
        return text.toString();
    }
}
