package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can stand behind {@code |}. */
final class Filters {
    private Filters() {}

    /** What a filter is given beside the value. */
    record Given(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        @Nullable Object get(int index, String name, @Nullable Object standard) {
            return index < positional.size() ? positional.get(index) : named.getOrDefault(name, standard);
        }
    }

    static @Nullable Object apply(String name, @Nullable Object value, Given given) {
        return switch (name) {
            case "trim" -> TextMethods.strip(Values.text(value), (String) given.get(0, "chars", null));
            case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> TextMethods.capitalize(Values.text(value));
            case "title" -> TextMethods.title(Values.text(value));
            case "string", "safe" -> Values.text(value);
            case "escape", "e" -> escape(Values.text(value));
            case "replace" -> TextMethods.replace(Values.text(value), given.positional());
            case "indent" -> indent(Values.text(value), given);
            case "join" -> join(value, given);
            case "tojson" -> json(value, given);
            case "int" -> toInt(value, given);
            case "float" -> toFloat(value, given);
            case "abs" ->
                value instanceof Double d ? (Object) Math.abs(d) : (Object) Math.absExact(Values.toLong(value));
            case "round" -> round(value, given);
            case "default", "d" -> standard(value, given);
            default -> ofItems(name, value, given);
        };
    }

    private static @Nullable Object ofItems(String name, @Nullable Object value, Given given) {
        return switch (name) {
            case "length", "count" -> Values.length(value);
            case "list" -> Values.items(value);
            case "first" -> first(Values.items(value));
            case "last" -> first(Values.items(value).reversed());
            case "reverse" ->
                value instanceof String s
                        ? reversed(s)
                        : new ArrayList<>(Values.items(value).reversed());
            case "items" -> value instanceof Map<?, ?> map ? Attributes.pairs(map) : Values.items(value);
            case "dictsort" -> dictsort(value);
            case "map" -> map(value, given);
            case "select" -> select(value, given, true);
            case "reject" -> select(value, given, false);
            case "selectattr" -> selectAttribute(value, given, true);
            case "rejectattr" -> selectAttribute(value, given, false);
            case "unique" -> unique(value);
            case "sort" -> sort(value, given);
            case "sum" -> sum(value, given);
            case "min" -> extreme(value, Values::compare);
            case "max" -> extreme(value, (a, b) -> Values.compare(b, a));
            case "attr" -> Attributes.of(value, Values.toText(Attributes.argument(given.positional(), 0, name)));
            default -> throw JinjaException.fault("there is no filter '" + name + "'");
        };
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static String indent(String text, Given given) {
        Object width = given.get(0, "width", 4L);
        String margin = width instanceof String s ? s : " ".repeat(Math.clamp(Values.toLong(width), 0, 1000));
        boolean first = Values.truth(given.get(1, "first", false));
        boolean blank = Values.truth(given.get(2, "blank", false));
        String[] lines = text.split("\n", -1);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            boolean indented = i == 0 ? first : blank || !lines[i].isEmpty();
            out.append(i == 0 ? "" : "\n").append(indented ? margin : "").append(lines[i]);
        }
        return out.toString();
    }

    private static String join(@Nullable Object value, Given given) {
        Object attribute = given.get(1, "attribute", null);
        List<@Nullable Object> items = Values.items(value);
        if (attribute != null) {
            items.replaceAll(item -> attribute(item, attribute));
        }
        return TextMethods.join(Values.text(given.get(0, "d", "")), items);
    }

    private static String json(@Nullable Object value, Given given) {
        Object indent = given.get(0, "indent", null);
        int width = indent == null ? -1 : Math.clamp(Values.toLong(indent), 0, 1000);
        boolean ascii = Values.truth(given.named().getOrDefault("ensure_ascii", false));
        if (given.named().get("separators") instanceof List<?> two && two.size() == 2) {
            return Json.write(
                    value, new Json.Style(width, Values.toText(two.get(0)), Values.toText(two.get(1)), ascii));
        }
        return Json.write(value, Json.Style.of(width, ascii));
    }

    private static @Nullable Object toInt(@Nullable Object value, Given given) {
        try {
            return switch (value) {
                case Double d -> d.longValue();
                case String s -> (long) Double.parseDouble(s.strip());
                case null, default -> Values.toLong(value);
            };
        } catch (NumberFormatException | JinjaException e) {
            return given.get(0, "default", 0L);
        }
    }

    private static @Nullable Object toFloat(@Nullable Object value, Given given) {
        try {
            return value instanceof String s ? Double.parseDouble(s.strip()) : Values.toDouble(value);
        } catch (NumberFormatException | JinjaException e) {
            return given.get(0, "default", 0.0);
        }
    }

    private static Object round(@Nullable Object value, Given given) {
        double scale = Math.pow(10, Values.toDouble(given.get(0, "precision", 0L)));
        double scaled = Values.toDouble(value) * scale;
        return switch (Values.text(given.get(1, "method", "common"))) {
            case "ceil" -> Math.ceil(scaled) / scale;
            case "floor" -> Math.floor(scaled) / scale;
            default -> Math.rint(scaled) / scale;
        };
    }

    private static @Nullable Object standard(@Nullable Object value, Given given) {
        boolean replaced =
                value instanceof Undefined || (Values.truth(given.get(1, "boolean", false)) && !Values.truth(value));
        return replaced ? given.get(0, "default_value", "") : value;
    }

    private static @Nullable Object first(List<@Nullable Object> items) {
        return items.isEmpty() ? new Undefined("first or last of nothing") : items.getFirst();
    }

    private static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    private static List<@Nullable Object> dictsort(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw JinjaException.fault("dictsort needs a dictionary");
        }
        List<@Nullable Object> pairs = Attributes.pairs(map);
        pairs.sort(Comparator.comparing(
                pair -> Values.text(Values.items(pair).getFirst()).toLowerCase(Locale.ROOT)));
        return pairs;
    }

    /** These filters take whatever is false, none included, for empty, as Jinja's do. */
    private static List<@Nullable Object> itemsOrNone(@Nullable Object value) {
        return Values.truth(value) ? Values.items(value) : new ArrayList<>();
    }

    private static List<@Nullable Object> map(@Nullable Object value, Given given) {
        List<@Nullable Object> items = itemsOrNone(value);
        Object attribute = given.named().get("attribute");
        if (attribute != null) {
            Object standard = given.named().get("default");
            items.replaceAll(item -> {
                Object found = attribute(item, attribute);
                return found instanceof Undefined && standard != null ? standard : found;
            });
            return items;
        }
        String filter = Values.toText(Attributes.argument(given.positional(), 0, "map"));
        Given rest = new Given(given.positional().subList(1, given.positional().size()), given.named());
        items.replaceAll(item -> apply(filter, item, rest));
        return items;
    }

    /** An item's attribute by a path such as {@code function.name}. */
    private static @Nullable Object attribute(@Nullable Object item, Object path) {
        if (!(path instanceof String names)) {
            return Operators.item(item, path);
        }
        Object value = item;
        for (String name : names.split("\\.", -1)) {
            value = Operators.item(value, name);
        }
        return value;
    }

    private static List<@Nullable Object> select(@Nullable Object value, Given given, boolean wanted) {
        List<@Nullable Object> items = itemsOrNone(value);
        items.removeIf(item -> passes(item, given.positional(), 0) != wanted);
        return items;
    }

    private static List<@Nullable Object> selectAttribute(@Nullable Object value, Given given, boolean wanted) {
        Object attribute = Values.toText(Attributes.argument(given.positional(), 0, "selectattr"));
        List<@Nullable Object> items = itemsOrNone(value);
        items.removeIf(item -> passes(attribute(item, attribute), given.positional(), 1) != wanted);
        return items;
    }

    /** Whether a value passes the test named at {@code index}; without one, whether it is true. */
    private static boolean passes(@Nullable Object value, List<@Nullable Object> arguments, int index) {
        if (index >= arguments.size()) {
            return Values.truth(value);
        }
        String test = Values.toText(arguments.get(index));
        return Tests.test(test, value, arguments.subList(index + 1, arguments.size()));
    }

    private static List<@Nullable Object> unique(@Nullable Object value) {
        Map<Object, @Nullable Object> seen = new LinkedHashMap<>();
        for (Object item : Values.items(value)) {
            seen.putIfAbsent(item instanceof String s ? s.toLowerCase(Locale.ROOT) : Values.repr(item), item);
        }
        return new ArrayList<>(seen.values());
    }

    private static List<@Nullable Object> sort(@Nullable Object value, Given given) {
        List<@Nullable Object> items = Values.items(value);
        Object attribute = given.get(2, "attribute", null);
        Comparator<@Nullable Object> order = (a, b) -> Values.compare(key(a, attribute), key(b, attribute));
        items.sort(Values.truth(given.get(0, "reverse", false)) ? order.reversed() : order);
        return items;
    }

    private static @Nullable Object key(@Nullable Object item, @Nullable Object attribute) {
        Object key = attribute == null ? item : attribute(item, attribute);
        return key instanceof String s ? s.toLowerCase(Locale.ROOT) : key;
    }

    private static @Nullable Object sum(@Nullable Object value, Given given) {
        Object attribute = given.get(0, "attribute", null);
        Object sum = given.get(1, "start", 0L);
        for (Object item : Values.items(value)) {
            sum = Operators.binary("+", sum, attribute == null ? item : attribute(item, attribute));
        }
        return sum;
    }

    private static @Nullable Object extreme(@Nullable Object value, Comparator<@Nullable Object> order) {
        List<@Nullable Object> items = Values.items(value);
        items.sort(order);
        return first(items);
    }
}
