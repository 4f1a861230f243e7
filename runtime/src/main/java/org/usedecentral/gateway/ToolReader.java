package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/** Reads what binds the form of an answer: tools, tool choice and response format. Stateless. */
final class ToolReader {
    private static final int MAX_TOOLS = 128;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String NO_PARAMETERS = "{\"type\":\"object\",\"properties\":{}}";

    private ToolReader() {}

    /** The tools of a request and how free the model is to call them. */
    record Tools(List<Tool> tools, ToolChoice choice) {}

    static Tools read(RequestFields body) {
        List<Tool> tools = body.list("tools", MAX_TOOLS, ToolReader::tool);
        Set<String> names = new HashSet<>();
        for (Tool tool : tools) {
            if (!names.add(tool.name())) {
                throw RequestFields.wrong("tools", "must have names that differ");
            }
        }
        ToolChoice choice = choice(body, names);
        boolean parallelGiven = body.find("parallel_tool_calls") != null;
        if (parallelGiven && !body.flag("parallel_tool_calls") && !tools.isEmpty()) {
            throw RequestFields.unsupportedAt("parallel_tool_calls", "parallel_tool_calls: false");
        }
        return new Tools(tools, choice);
    }

    private static Tool tool(RequestFields.Item item) {
        RequestFields fields = item.fields();
        if (!fields.text("type").equals("function")) {
            throw RequestFields.unsupportedAt(fields.at("type"), "a tool that is not a function");
        }
        RequestFields function = RequestFields.of(fields.at("function"), fields.need("function"));
        JsonNode parameters = function.find("parameters");
        if (parameters != null && !parameters.isObject()) {
            throw RequestFields.wrong(function.at("parameters"), "must be a JSON schema object");
        }
        Tool tool = new Tool(
                name(function),
                function.optionalText("description").orElse(""),
                parameters == null ? NO_PARAMETERS : parameters.toString(),
                function.flag("strict"));
        function.end();
        fields.end();
        return tool;
    }

    private static ToolChoice choice(RequestFields body, Set<String> names) {
        JsonNode value = body.find("tool_choice");
        if (value == null) {
            return ToolChoice.AUTO;
        }
        if (value.isTextual()) {
            ToolChoice choice = switch (value.textValue()) {
                case "auto" -> ToolChoice.AUTO;
                case "none" -> ToolChoice.NONE;
                case "required" -> ToolChoice.REQUIRED;
                default -> throw RequestFields.wrong("tool_choice", "must be auto, none, required or a function");
            };
            if (choice.kind() == ToolChoice.Kind.REQUIRED && names.isEmpty()) {
                throw RequestFields.wrong("tool_choice", "requires a call, and there are no tools");
            }
            return choice;
        }
        RequestFields fields = RequestFields.of("tool_choice", value);
        if (!fields.text("type").equals("function")) {
            throw RequestFields.unsupportedAt("tool_choice.type", "a tool_choice that is not a function");
        }
        RequestFields function = RequestFields.of("tool_choice.function", fields.need("function"));
        String name = function.text("name");
        function.end();
        fields.end();
        if (!names.contains(name)) {
            throw RequestFields.wrong("tool_choice.function.name", "is not among the tools");
        }
        return new ToolChoice(ToolChoice.Kind.FUNCTION, name);
    }

    static ResponseFormat format(RequestFields body) {
        RequestFields fields = body.object("response_format").orElse(null);
        if (fields == null) {
            return ResponseFormat.TEXT;
        }
        ResponseFormat format = switch (fields.text("type")) {
            case "text" -> ResponseFormat.TEXT;
            case "json_object" -> new ResponseFormat(ResponseFormat.Kind.JSON_OBJECT, "");
            case "json_schema" -> schema(RequestFields.of(fields.at("json_schema"), fields.need("json_schema")));
            default -> throw RequestFields.wrong("response_format.type", "must be text, json_object or json_schema");
        };
        fields.end();
        return format;
    }

    /** Output keeps to a schema whether {@code strict} is asked for or not. */
    private static ResponseFormat schema(RequestFields fields) {
        name(fields);
        fields.optionalText("description");
        fields.flag("strict");
        JsonNode schema = fields.need("schema");
        if (!schema.isObject()) {
            throw RequestFields.wrong(fields.at("schema"), "must be a JSON schema object");
        }
        fields.end();
        return new ResponseFormat(ResponseFormat.Kind.JSON_SCHEMA, schema.toString());
    }

    private static String name(RequestFields fields) {
        String name = fields.text("name");
        if (!NAME.matcher(name).matches()) {
            throw RequestFields.wrong(fields.at("name"), "must have 1 to 64 letters, digits, _ and -");
        }
        return name;
    }
}
