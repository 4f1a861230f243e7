package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;

/**
 * Reads one JSON object of a request. {@code null} is the same as absent; a wrong type is refused by the field's name, and so, at the end,
 * is whatever was not asked for. Messages name fields and never repeat values, which may be a prompt. One thread.
 */
final class RequestFields {
    private static final int MAX_SHOWN = 64;

    private final String path;
    private final JsonNode node;
    private final Set<String> known = new HashSet<>();

    private RequestFields(String path, JsonNode node) {
        this.path = path;
        this.node = node;
    }

    /** The whole body. */
    static RequestFields ofBody(JsonNode body) {
        if (!body.isObject()) {
            throw DecentralException.invalid("body", "the body must be a JSON object");
        }
        return new RequestFields("", body);
    }

    /** The object that stands at {@code path}. */
    static RequestFields of(String path, JsonNode node) {
        if (!node.isObject()) {
            throw wrong(path, "must be an object");
        }
        return new RequestFields(path, node);
    }

    /** Refuses every field that was not asked for. */
    void end() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                String shown = name.length() <= MAX_SHOWN ? name : name.substring(0, MAX_SHOWN) + "…";
                throw wrong(at(shown), "is not a parameter that this gateway knows");
            }
        });
    }

    @Nullable JsonNode find(String name) {
        known.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    JsonNode need(String name) {
        JsonNode value = find(name);
        if (value == null) {
            throw wrong(at(name), "is required");
        }
        return value;
    }

    String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    String text(String name) {
        return text(at(name), need(name));
    }

    Optional<String> optionalText(String name) {
        JsonNode value = find(name);
        return value == null ? Optional.empty() : Optional.of(text(at(name), value));
    }

    boolean flag(String name) {
        JsonNode value = find(name);
        if (value != null && !value.isBoolean()) {
            throw wrong(at(name), "must be true or false");
        }
        return value != null && value.booleanValue();
    }

    OptionalDouble number(String name) {
        JsonNode value = find(name);
        if (value == null) {
            return OptionalDouble.empty();
        }
        if (!value.isNumber()) {
            throw wrong(at(name), "must be a number");
        }
        return OptionalDouble.of(value.doubleValue());
    }

    OptionalLong integer(String name, long least, long most) {
        JsonNode value = find(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber()) {
            throw wrong(at(name), "must be an integer");
        }
        if (!value.canConvertToLong() || value.longValue() < least || value.longValue() > most) {
            throw wrong(at(name), "must lie in " + least + " … " + most);
        }
        return OptionalLong.of(value.longValue());
    }

    Optional<RequestFields> object(String name) {
        JsonNode value = find(name);
        return value == null ? Optional.empty() : Optional.of(of(at(name), value));
    }

    /** The items of an array; empty if it is absent. */
    <T> List<T> list(String name, int limit, Function<Item, T> reader) {
        JsonNode value = find(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            throw wrong(at(name), "must be an array");
        }
        if (value.size() > limit) {
            throw wrong(at(name), "must have at most " + limit + " items");
        }
        List<T> items = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            items.add(reader.apply(new Item(at(name) + "[" + i + "]", value.get(i))));
        }
        return items;
    }

    /** A value and the path by which messages name it. */
    record Item(String path, JsonNode node) {
        RequestFields fields() {
            return of(path, node);
        }

        String text() {
            return RequestFields.text(path, node);
        }
    }

    /** A parameter that is known, and not offered whatever its value. */
    void unsupported(String name) {
        if (find(name) != null) {
            throw unsupportedAt(at(name), at(name));
        }
    }

    static DecentralException unsupportedAt(String path, String what) {
        return DecentralException.unsupported(what).at(path);
    }

    static DecentralException wrong(String path, String what) {
        return DecentralException.invalid(path, path + " " + what);
    }

    /** Text that can be written as UTF-8, which JSON's escapes do not promise. */
    static String text(String path, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(path, "must be a string");
        }
        String text = value.textValue();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw wrong(path, "has half of a character: an unpaired surrogate");
            }
        }
        return text;
    }
}
