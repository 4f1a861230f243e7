package org.usedecentral.receipt;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.usedecentral.spi.Base58;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** Reads one JSON object and refuses what was not asked for. One thread. */
final class StrictObject {
    private final String path;
    private final JsonNode node;
    private final Set<String> read = new HashSet<>();

    private StrictObject(String path, JsonNode node) {
        this.path = path;
        this.node = node;
        if (!node.isObject()) {
            throw malformed(path.isEmpty() ? "receipt" : path, "is not a JSON object");
        }
    }

    /** Reads the whole document; whatever {@code reader} left unread is refused. */
    static <T> T readRoot(JsonNode node, Function<StrictObject, T> reader) {
        return read("", node, reader);
    }

    private static <T> T read(String path, JsonNode node, Function<StrictObject, T> reader) {
        StrictObject object = new StrictObject(path, node);
        T value = object.convert("", () -> reader.apply(object));
        node.fieldNames().forEachRemaining(name -> {
            if (!object.read.contains(name)) {
                throw malformed(object.at(name), "is not a field of a receipt");
            }
        });
        return value;
    }

    boolean has(String name) {
        return node.has(name);
    }

    String text(String name) {
        JsonNode value = field(name);
        if (!value.isTextual()) {
            throw malformed(at(name), "is not a JSON string");
        }
        return value.textValue();
    }

    long number(String name) {
        JsonNode value = field(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw malformed(at(name), "is not a whole number of at most 63 bits");
        }
        return value.longValue();
    }

    int count(String name) {
        long value = number(name);
        if (value > Integer.MAX_VALUE) {
            throw malformed(at(name), "is above 2^31 - 1");
        }
        return (int) value;
    }

    Bytes base64(String name) {
        return convert(name, () -> Bytes.fromBase64(text(name)));
    }

    Bytes base58(String name) {
        return convert(name, () -> {
            String text = text(name);
            Bytes bytes = Base58.decode(text);
            if (!Base58.encode(bytes).equals(text)) {
                throw malformed(at(name), "is not canonical base58");
            }
            return bytes;
        });
    }

    <T> T object(String name, Function<StrictObject, T> reader) {
        return read(at(name), field(name), reader);
    }

    <T> Optional<T> optional(String name, Function<StrictObject, T> reader) {
        return has(name) ? Optional.of(object(name, reader)) : Optional.empty();
    }

    <T> List<T> list(String name, int limit, Function<StrictObject, T> reader) {
        JsonNode array = field(name);
        if (!array.isArray() || array.size() > limit) {
            throw malformed(at(name), "is not a JSON array of at most " + limit);
        }
        List<T> values = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            values.add(read(at(name) + "[" + i + "]", array.get(i), reader));
        }
        return values;
    }

    /** Runs a conversion and names the field when it fails. */
    <T> T convert(String name, Conversion<T> conversion) {
        try {
            return conversion.run();
        } catch (IllegalArgumentException e) {
            throw malformed(at(name), "cannot be read: " + e.getMessage());
        }
    }

    /** Makes a value of a field, or throws {@link IllegalArgumentException}. */
    interface Conversion<T> {
        T run();
    }

    DecentralException malformedField(String name, String what) {
        return malformed(at(name), what);
    }

    private JsonNode field(String name) {
        read.add(name);
        JsonNode value = node.get(name);
        if (value == null) {
            throw malformed(at(name), "is missing");
        }
        return value;
    }

    private String at(String name) {
        if (name.isEmpty()) {
            return path.isEmpty() ? "receipt" : path;
        }
        return path.isEmpty() ? name : path + "." + name;
    }

    private static DecentralException malformed(String field, String what) {
        return DecentralException.invalid(field, field + " " + what);
    }
}
