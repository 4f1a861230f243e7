package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;

/** The tool calls of one choice. Servers that leave out {@code index} are understood by ids. One thread. */
final class ChoiceCalls {
    private static final int MAX_CALLS = 128;

    private final int choice;
    private final List<String> ids = new ArrayList<>();

    ChoiceCalls(int choice) {
        this.choice = choice;
    }

    /** Reads one item of {@code tool_calls}; tokens are for the caller to add. */
    ToolCallDelta read(JsonNode call) {
        String id = UpstreamJson.text(call, "id");
        JsonNode function = call.get("function");
        if (function == null || !function.isObject()) {
            throw UpstreamJson.malformed("has a tool call that is no function");
        }
        String name = UpstreamJson.text(function, "name");
        String arguments = arguments(function.get("arguments"));
        int index = index(call, id);
        boolean first = index == ids.size();
        if (index > ids.size() || index >= MAX_CALLS) {
            throw UpstreamJson.malformed("has a tool call out of order");
        }
        if (!first) {
            return new ToolCallDelta(choice, index, null, null, arguments, 0);
        }
        if (name == null || name.isEmpty()) {
            throw UpstreamJson.malformed("has a tool call without a name");
        }
        // An id is a handle of this conversation only: one may be made where the server gives none.
        String handle = id == null || id.isEmpty() ? "call_" + choice + "_" + index : ChoiceText.repaired(id);
        ids.add(id == null ? handle : id);
        return new ToolCallDelta(choice, index, handle, ChoiceText.repaired(name), arguments, 0);
    }

    private int index(JsonNode call, @Nullable String id) {
        int index = UpstreamJson.count(call, "index");
        if (index >= 0) {
            return index;
        }
        if (id == null || id.isEmpty()) {
            return Math.max(0, ids.size() - 1);
        }
        int known = ids.indexOf(id);
        return known >= 0 ? known : ids.size();
    }

    /** Text by the API, an object by some servers. */
    private static String arguments(@Nullable JsonNode arguments) {
        if (arguments == null || arguments.isNull()) {
            return "";
        }
        return ChoiceText.repaired(arguments.isTextual() ? arguments.textValue() : arguments.toString());
    }
}
