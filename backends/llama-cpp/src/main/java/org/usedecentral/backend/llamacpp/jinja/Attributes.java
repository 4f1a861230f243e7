package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands behind a dot: methods that change nothing, and the entries of dictionaries and namespaces. */
final class Attributes {
    private Attributes() {}

    static @Nullable Object of(@Nullable Object base, String name) {
        return switch (base) {
            case Namespace(Map<String, @Nullable Object> attributes) ->
                attributes.containsKey(name) ? attributes.get(name) : new Undefined(name);
            case LoopState loop -> loop.attribute(name);
            case Map<?, ?> map -> ofMap(map, name);
            case List<?> list -> ofList(list, name);
            case String text -> TextMethods.of(text, name);
            case Undefined _ -> throw JinjaException.fault(Values.described(base) + " has no attribute '" + name + "'");
            case null, default -> new Undefined(name);
        };
    }

    private static @Nullable Object ofMap(Map<?, ?> map, String name) {
        Callable method = switch (name) {
            case "items" -> (_, _) -> pairs(map);
            case "keys" -> (_, _) -> new ArrayList<>(map.keySet());
            case "values" -> (_, _) -> new ArrayList<>(map.values());
            case "get" ->
                (values, _) -> {
                    Object key = argument(values, 0, name);
                    return map.containsKey(key) ? map.get(key) : values.size() > 1 ? values.get(1) : null;
                };
            default -> null;
        };
        // A method's name hides an entry of that name, as in Python; ['items'] reaches the entry.
        return method != null ? method : map.containsKey(name) ? map.get(name) : new Undefined(name);
    }

    static List<@Nullable Object> pairs(Map<?, ?> map) {
        List<@Nullable Object> pairs = new ArrayList<>();
        map.forEach((key, value) -> {
            List<@Nullable Object> pair = new ArrayList<>();
            pair.add(key);
            pair.add(value);
            pairs.add(pair);
        });
        return pairs;
    }

    private static Object ofList(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                (Callable) (values, _) -> {
                    Object wanted = argument(values, 0, name);
                    for (int i = 0; i < list.size(); i++) {
                        if (Values.equal(list.get(i), wanted)) {
                            return (long) i;
                        }
                    }
                    throw JinjaException.fault("a list does not hold what its index is asked for");
                };
            case "count" ->
                (Callable) (values, _) -> {
                    Object wanted = argument(values, 0, name);
                    return list.stream()
                            .filter(item -> Values.equal(item, wanted))
                            .count();
                };
            default -> new Undefined(name);
        };
    }

    static @Nullable Object argument(List<@Nullable Object> values, int index, String function) {
        if (index >= values.size()) {
            throw JinjaException.fault(function + "() needs " + (index + 1) + " arguments");
        }
        return values.get(index);
    }
}
