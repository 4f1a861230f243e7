package org.usedecentral.backend.llamacpp;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Message.Role;
import org.usedecentral.spi.inference.Tool;

/**
 * Tools, calls and their results for chat templates: as the values that templates with tools know, or for all others as
 * text of system, user and assistant.
 */
final class ToolText {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String RESULT = "<tool_response>";
    private static final String RESULT_END = "</tool_response>";

    private ToolText() {}

    /** Whether a conversation has calls or their results in it. */
    static boolean isIn(List<Message> messages) {
        return messages.stream()
                .anyMatch(message ->
                        message.role() == Role.TOOL || !message.toolCalls().isEmpty());
    }

    // For templates that know tools.

    static List<Object> described(List<Tool> tools) {
        List<Object> described = new ArrayList<>();
        for (Tool tool : tools) {
            Map<String, @Nullable Object> function = new LinkedHashMap<>();
            function.put("name", tool.name());
            function.put("description", tool.description());
            function.put("parameters", parsed(tool.parametersSchema()));
            described.add(ordered("type", "function", "function", function));
        }
        return described;
    }

    static List<Map<String, Object>> turns(List<Message> messages) {
        List<Map<String, Object>> turns = new ArrayList<>();
        for (Message message : messages) {
            Map<String, Object> turn = ordered("role", message.role().wireName(), "content", message.text());
            if (!message.toolCalls().isEmpty()) {
                List<Object> calls = new ArrayList<>();
                for (Message.ToolCall call : message.toolCalls()) {
                    Map<String, @Nullable Object> function = new LinkedHashMap<>();
                    function.put("name", call.name());
                    function.put("arguments", parsed(call.arguments()));
                    Map<String, Object> entry = ordered("type", "function", "function", function);
                    entry.put("id", call.id());
                    calls.add(entry);
                }
                turn.put("tool_calls", calls);
            }
            if (message.toolCallId() != null) {
                turn.put("tool_call_id", message.toolCallId());
            }
            if (message.name() != null) {
                turn.put("name", message.name());
            }
            turns.add(turn);
        }
        return turns;
    }

    private static Map<String, Object> ordered(String a, Object valueA, String b, Object valueB) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(a, valueA);
        map.put(b, valueB);
        return map;
    }

    /** JSON as templates see it; what is none stays the text that it is. */
    private static @Nullable Object parsed(String json) {
        try {
            return value(MAPPER.readTree(json));
        } catch (JacksonException _) {
            return json;
        }
    }

    private static @Nullable Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                node.properties().forEach(entry -> map.put(entry.getKey(), value(entry.getValue())));
                yield map;
            }
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                node.forEach(item -> list.add(value(item)));
                yield list;
            }
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER ->
                node.isIntegralNumber() && node.canConvertToLong() ? (Object) node.longValue() : node.doubleValue();
            default -> null;
        };
    }

    // For all other templates.

    /** The conversation with an instruction as the system's message, or at the end of it. */
    static List<Message> withSystemMessage(List<Message> messages, List<Tool> tools) {
        List<Message> flat = flat(messages);
        if (!tools.isEmpty()) {
            if (flat.getFirst().role() == Role.SYSTEM) {
                flat.set(0, Message.of(Role.SYSTEM, flat.getFirst().text() + "\n\n" + instruction(tools)));
            } else {
                flat.addFirst(Message.of(Role.SYSTEM, instruction(tools)));
            }
        }
        return flat;
    }

    /** The conversation with the instruction in the first user's message, for templates without a system's. */
    static List<Message> withUserMessage(List<Message> messages, List<Tool> tools) {
        List<Message> flat = flat(messages);
        for (int i = 0; i < flat.size() && !tools.isEmpty(); i++) {
            if (flat.get(i).role() == Role.USER) {
                flat.set(
                        i,
                        Message.of(
                                Role.USER,
                                instruction(tools) + "\n\n" + flat.get(i).text()));
                break;
            }
        }
        return flat;
    }

    private static String instruction(List<Tool> tools) {
        StringBuilder text = new StringBuilder("You can call functions. They are:\n");
        for (Tool tool : tools) {
            text.append(toolLine(tool)).append('\n');
        }
        return text.append("To call one, answer with its name and with arguments that fit its parameters:\n")
                .append(CallSyntax.MARKER)
                .append("\n{\"name\": \"the name\", \"arguments\": {the arguments}}\n")
                .append(CallSyntax.END)
                .append("\nSeveral calls follow each other. Their results come between ")
                .append(RESULT)
                .append(" and ")
                .append(RESULT_END)
                .append(". If no function helps, answer in plain text.")
                .toString();
    }

    private static String toolLine(Tool tool) {
        return "{\"name\": " + quoted(tool.name()) + ", \"description\": " + quoted(tool.description())
                + ", \"parameters\": " + tool.parametersSchema() + "}";
    }

    private static String quoted(String text) {
        return MAPPER.getNodeFactory().textNode(text).toString();
    }

    /** Calls become text of the assistant, results become text of the user, those of one turn together. */
    private static List<Message> flat(List<Message> messages) {
        List<Message> flat = new ArrayList<>();
        boolean results = false;
        for (Message message : messages) {
            if (message.role() == Role.TOOL) {
                String text = RESULT + "\n" + message.text() + "\n" + RESULT_END;
                if (results) {
                    flat.set(
                            flat.size() - 1,
                            Message.of(Role.USER, flat.getLast().text() + "\n" + text));
                } else {
                    flat.add(Message.of(Role.USER, text));
                }
                results = true;
                continue;
            }
            results = false;
            flat.add(message.toolCalls().isEmpty() ? message : Message.of(message.role(), withCalls(message)));
        }
        return flat;
    }

    private static String withCalls(Message message) {
        StringBuilder text = new StringBuilder(message.text());
        for (Message.ToolCall call : message.toolCalls()) {
            text.append(text.isEmpty() ? "" : "\n")
                    .append(CallSyntax.MARKER)
                    .append("\n{\"name\": ")
                    .append(quoted(call.name()))
                    .append(", \"arguments\": ")
                    .append(call.arguments())
                    .append("}\n")
                    .append(CallSyntax.END);
        }
        return text.toString();
    }
}
