package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Python's methods of text. */
final class TextMethods {
    private static final int LEFT = 1;
    private static final int RIGHT = 2;
    private static final Pattern FORMAT_FIELD = Pattern.compile("\\{\\{|}}|\\{(\\d{0,9}|[A-Za-z_]\\w*)}|[{}]");

    private TextMethods() {}

    static Object of(String text, String name) {
        Callable method = switch (name) {
            case "strip" -> (values, _) -> strip(text, values, LEFT | RIGHT);
            case "lstrip" -> (values, _) -> strip(text, values, LEFT);
            case "rstrip" -> (values, _) -> strip(text, values, RIGHT);
            case "upper" -> (_, _) -> text.toUpperCase(Locale.ROOT);
            case "lower" -> (_, _) -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> (_, _) -> capitalize(text);
            case "title" -> (_, _) -> title(text);
            case "startswith" -> (values, _) -> any(values, text, String::startsWith);
            case "endswith" -> (values, _) -> any(values, text, String::endsWith);
            case "removeprefix" -> (values, _) -> without(text, textAt(values, 0), true);
            case "removesuffix" -> (values, _) -> without(text, textAt(values, 0), false);
            case "split" -> (values, named) -> split(text, values, named);
            case "rsplit" -> (values, _) -> rightSplit(text, values);
            case "splitlines" -> (_, _) -> new ArrayList<Object>(text.lines().toList());
            case "join" -> (values, _) -> join(text, Attributes.argument(values, 0, name));
            case "replace" -> (values, _) -> replace(text, values);
            case "find" -> (values, _) -> index(text, text.indexOf(textAt(values, 0)));
            case "rfind" -> (values, _) -> index(text, text.lastIndexOf(textAt(values, 0)));
            case "count" -> (values, _) -> count(text, textAt(values, 0));
            case "format" -> (values, named) -> format(text, values, named);
            case "isdigit" -> (_, _) -> all(text, Character::isDigit);
            case "isalpha" -> (_, _) -> all(text, Character::isLetter);
            case "isalnum" -> (_, _) -> all(text, Character::isLetterOrDigit);
            case "isspace" -> (_, _) -> all(text, Character::isWhitespace);
            default -> null;
        };
        return method == null ? new Undefined(name) : method;
    }

    private static String textAt(List<@Nullable Object> values, int index) {
        return Values.toText(Attributes.argument(values, index, "a method of text"));
    }

    private static boolean all(String text, IntPredicate predicate) {
        return !text.isEmpty() && text.codePoints().allMatch(predicate);
    }

    private static String strip(String text, List<@Nullable Object> values, int sides) {
        return strip(text, values.isEmpty() || values.getFirst() == null ? null : textAt(values, 0), sides);
    }

    /** Without white space around, or without any of {@code characters}. */
    static String strip(String text, @Nullable String characters) {
        return strip(text, characters, LEFT | RIGHT);
    }

    private static String strip(String text, @Nullable String characters, int sides) {
        IntPredicate drop = characters == null
                ? c -> Character.isWhitespace(c) || Character.isSpaceChar(c)
                : c -> characters.indexOf(c) >= 0;
        int start = 0;
        int end = text.length();
        while ((sides & LEFT) != 0 && start < end && drop.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while ((sides & RIGHT) != 0 && end > start && drop.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    private static boolean any(List<@Nullable Object> values, String text, BiPredicate<String, String> test) {
        Object argument = Attributes.argument(values, 0, "startswith or endswith");
        if (argument instanceof List<?> several) {
            return several.stream().anyMatch(each -> test.test(text, Values.toText(each)));
        }
        return test.test(text, Values.toText(argument));
    }

    private static String without(String text, String part, boolean front) {
        if (front) {
            return text.startsWith(part) ? text.substring(part.length()) : text;
        }
        return text.endsWith(part) ? text.substring(0, text.length() - part.length()) : text;
    }

    private static List<@Nullable Object> split(
            String text, List<@Nullable Object> values, Map<String, @Nullable Object> named) {
        Object separator = values.isEmpty() ? named.get("sep") : values.getFirst();
        Object most = values.size() > 1 ? values.get(1) : named.getOrDefault("maxsplit", -1L);
        int limit = Values.toInt(most);
        List<@Nullable Object> parts = new ArrayList<>();
        if (separator == null) {
            String stripped = strip(text, null);
            if (!stripped.isEmpty()) {
                parts.addAll(List.of(stripped.split("\\s+", limit < 0 ? 0 : limit + 1)));
            }
            return parts;
        }
        String by = notEmpty(Values.toText(separator));
        int from = 0;
        for (int at = text.indexOf(by); at >= 0 && limit != 0; at = text.indexOf(by, from), limit--) {
            parts.add(text.substring(from, at));
            from = at + by.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static List<@Nullable Object> rightSplit(String text, List<@Nullable Object> values) {
        String by = notEmpty(textAt(values, 0));
        int limit = values.size() > 1 ? Values.toInt(values.get(1)) : -1;
        List<@Nullable Object> parts = new ArrayList<>();
        int end = text.length();
        for (int at = text.lastIndexOf(by); at >= 0 && limit != 0; limit--) {
            parts.addFirst(text.substring(at + by.length(), end));
            end = at;
            at = end < by.length() ? -1 : text.lastIndexOf(by, end - by.length());
        }
        parts.addFirst(text.substring(0, end));
        return parts;
    }

    private static String notEmpty(String separator) {
        if (separator.isEmpty()) {
            throw JinjaException.fault("cannot split at an empty text");
        }
        return separator;
    }

    static String join(String separator, @Nullable Object items) {
        return Values.items(items).stream().map(Values::text).collect(Collectors.joining(separator));
    }

    static String replace(String text, List<@Nullable Object> values) {
        String old = textAt(values, 0);
        String with = textAt(values, 1);
        int limit = values.size() > 2 && values.get(2) != null ? Values.toInt(values.get(2)) : -1;
        if (limit < 0) {
            return text.replace(old, with);
        }
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf(old);
                at >= 0 && limit > 0 && !old.isEmpty();
                at = text.indexOf(old, from), limit--) {
            out.append(text, from, at).append(with);
            from = at + old.length();
        }
        return out.append(text.substring(from)).toString();
    }

    private static long index(String text, int at) {
        return at < 0 ? -1 : text.codePointCount(0, at);
    }

    private static long count(String text, String part) {
        long count = 0;
        for (int at = text.indexOf(part); at >= 0 && !part.isEmpty(); at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    /** {@code str.format} with plain fields: empty, numbered or named. */
    private static String format(String text, List<@Nullable Object> values, Map<String, @Nullable Object> named) {
        StringBuilder out = new StringBuilder();
        Matcher fields = FORMAT_FIELD.matcher(text);
        int from = 0;
        int next = 0;
        while (fields.find()) {
            out.append(text, from, fields.start());
            from = fields.end();
            String field = fields.group(1);
            if (field == null) {
                // A doubled brace, or one that begins what we do not know.
                if (fields.group().length() == 1) {
                    throw JinjaException.fault("format() takes plain fields only");
                }
                out.append(fields.group().charAt(0));
                continue;
            }
            boolean numbered = field.isEmpty() || Character.isDigit(field.charAt(0));
            int index = field.isEmpty() ? next++ : numbered ? Integer.parseInt(field) : 0;
            out.append(Values.text(numbered ? Attributes.argument(values, index, "format") : named.get(field)));
        }
        return out.append(text, from, text.length()).toString();
    }

    /** The operator {@code %} on text, with {@code %s}, {@code %d} and {@code %%}. */
    static String percent(String text, @Nullable Object operand) {
        List<@Nullable Object> values = new ArrayList<>();
        if (operand instanceof List<?> several) {
            values.addAll(several);
        } else {
            values.add(operand);
        }
        StringBuilder out = new StringBuilder();
        int from = 0;
        int next = 0;
        for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', from)) {
            out.append(text, from, at);
            switch (at + 1 < text.length() ? text.charAt(at + 1) : ' ') {
                case '%' -> out.append('%');
                case 's' -> out.append(Values.text(Attributes.argument(values, next++, "%")));
                case 'd' -> out.append(Values.toLong(Attributes.argument(values, next++, "%")));
                default -> throw JinjaException.fault("% on text takes %s and %d only");
            }
            from = at + 2;
        }
        return out.append(text, from, text.length()).toString();
    }
}
