package org.usedecentral.backend.llamacpp.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can stand behind {@code is}. */
final class Tests {
    private Tests() {}

    static boolean test(String name, @Nullable Object value, List<@Nullable Object> arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "boolean" -> value instanceof Boolean;
            case "string" -> value instanceof String;
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "mapping" -> value instanceof Map;
            case "sequence" ->
                value instanceof List || value instanceof Map || value instanceof String || value instanceof Undefined;
            case "iterable" ->
                value instanceof List || value instanceof Map || value instanceof String || value instanceof Undefined;
            case "callable" -> value instanceof Callable;
            case "even" -> Math.floorMod(Values.toLong(value), 2L) == 0;
            case "odd" -> Math.floorMod(Values.toLong(value), 2L) == 1;
            case "lower" -> Values.text(value).equals(Values.text(value).toLowerCase(Locale.ROOT));
            case "upper" -> Values.text(value).equals(Values.text(value).toUpperCase(Locale.ROOT));
            default -> comparing(name, value, Attributes.argument(arguments, 0, name));
        };
    }

    private static boolean comparing(String name, @Nullable Object value, @Nullable Object other) {
        return switch (name) {
            case "eq", "equalto", "==" -> Values.equal(value, other);
            case "ne", "!=" -> !Values.equal(value, other);
            case "gt", "greaterthan", ">" -> Values.compare(value, other) > 0;
            case "ge", ">=" -> Values.compare(value, other) >= 0;
            case "lt", "lessthan", "<" -> Values.compare(value, other) < 0;
            case "le", "<=" -> Values.compare(value, other) <= 0;
            case "in" -> Values.contains(other, value);
            case "sameas" -> Values.type(value).equals(Values.type(other)) && Values.equal(value, other);
            case "divisibleby" -> Math.floorMod(Values.toLong(value), Values.toLong(other)) == 0;
            default -> throw JinjaException.fault("there is no test '" + name + "'");
        };
    }
}
