package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Python's meaning of values. They are null (none), {@link Boolean}, {@link Long}, {@link Double}, {@link String},
 * {@link List}, {@link Map}, {@link Namespace}, {@link Callable}, {@link LoopState} and {@link Undefined}.
 */
final class Values {
    private Values() {}

    static boolean truth(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Undefined _ -> false;
            case Boolean b -> b;
            case Long n -> n != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case Collection<?> c -> !c.isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            default -> true;
        };
    }

    /** As {@code str()} has it. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case Undefined _ -> "";
            case String s -> s;
            case null, default -> repr(value);
        };
    }

    /** As {@code repr()} has it. */
    static String repr(@Nullable Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean b -> b ? "True" : "False";
            case Long n -> Long.toString(n);
            case Double d -> number(d);
            case String s -> quoted(s);
            case List<?> list -> {
                List<String> parts = new ArrayList<>();
                list.forEach(item -> parts.add(repr(item)));
                yield "[" + String.join(", ", parts) + "]";
            }
            case Map<?, ?> map -> {
                List<String> parts = new ArrayList<>();
                map.forEach((key, item) -> parts.add(repr(key) + ": " + repr(item)));
                yield "{" + String.join(", ", parts) + "}";
            }
            case Undefined _ -> "Undefined";
            default -> "<" + type(value) + ">";
        };
    }

    /** The shortest decimal that reads back, with Python's place for the exponent. */
    static String number(double d) {
        if (d == Math.rint(d) && Math.abs(d) < 1e16) {
            return Long.toString((long) d) + ".0";
        }
        return Double.toString(d)
                .replaceFirst("\\.0E", "E")
                .replaceFirst("E(-?)(\\d)$", "e$10$2")
                .replace("E", "e");
    }

    private static String quoted(String s) {
        char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder().append(quote);
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> out.append(c == quote ? "\\" : "").append(c);
            }
        }
        return out.append(quote).toString();
    }

    static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "none";
            case Boolean _ -> "bool";
            case Long _ -> "int";
            case Double _ -> "float";
            case String _ -> "str";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dict";
            case Undefined _ -> "undefined";
            case Callable _ -> "function";
            default -> value.getClass().getSimpleName();
        };
    }

    static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (isNumber(a) && isNumber(b)) {
            return compare(a, b) == 0;
        }
        if (a instanceof Undefined && b instanceof Undefined) {
            return true;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            if (x.size() != y.size()) {
                return false;
            }
            for (int i = 0; i < x.size(); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return Objects.equals(a, b);
    }

    static int compare(@Nullable Object a, @Nullable Object b) {
        if (isNumber(a) && isNumber(b)) {
            return (a instanceof Double || b instanceof Double)
                    ? Double.compare(toDouble(a), toDouble(b))
                    : Long.compare(toLong(a), toLong(b));
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return compare(x.get(i), y.get(i));
                }
            }
            return Integer.compare(x.size(), y.size());
        }
        throw JinjaException.fault("cannot compare " + described(a) + " with " + described(b));
    }

    static boolean contains(@Nullable Object container, @Nullable Object item) {
        return switch (container) {
            case String s when item instanceof String part -> s.contains(part);
            case Map<?, ?> map -> map.containsKey(item);
            case List<?> list -> list.stream().anyMatch(each -> equal(each, item));
            case Undefined _ -> false;
            case null, default ->
                throw JinjaException.fault("cannot look for " + described(item) + " in " + described(container));
        };
    }

    /** What a loop goes through: a list's items, a dictionary's keys, a string's characters. */
    static List<@Nullable Object> items(@Nullable Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String s -> {
                List<@Nullable Object> characters = new ArrayList<>();
                s.codePoints().forEach(c -> characters.add(Character.toString(c)));
                yield characters;
            }
            case Undefined _ -> new ArrayList<>();
            case null, default -> throw JinjaException.fault("cannot go through " + described(value));
        };
    }

    static long length(@Nullable Object value) {
        return switch (value) {
            case String s -> s.codePointCount(0, s.length());
            case Collection<?> c -> c.size();
            case Map<?, ?> m -> m.size();
            case Undefined _ -> 0;
            case null, default -> throw JinjaException.fault(described(value) + " has no length");
        };
    }

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static long toLong(@Nullable Object value) {
        return switch (value) {
            case Long n -> n;
            case Boolean b -> b ? 1 : 0;
            case null, default -> throw JinjaException.fault(described(value) + " is no whole number");
        };
    }

    static double toDouble(@Nullable Object value) {
        return value instanceof Double d ? d : toLong(value);
    }

    static int toInt(@Nullable Object value) {
        return Math.clamp(toLong(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static String toText(@Nullable Object value) {
        if (value instanceof String s) {
            return s;
        }
        throw JinjaException.fault(described(value) + " is no text");
    }

    /** A value in an error message. */
    static String described(@Nullable Object value) {
        return value instanceof Undefined(String name) ? "'" + name + "', which is undefined," : type(value);
    }
}
