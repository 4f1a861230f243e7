package org.usedecentral.backend.llamacpp.schema;

import static org.usedecentral.backend.llamacpp.grammar.Expression.chain;
import static org.usedecentral.backend.llamacpp.grammar.Expression.characters;
import static org.usedecentral.backend.llamacpp.grammar.Expression.either;
import static org.usedecentral.backend.llamacpp.grammar.Expression.optional;
import static org.usedecentral.backend.llamacpp.grammar.Expression.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.usedecentral.backend.llamacpp.grammar.CharacterSet;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/**
 * JSON itself (RFC 8259) as expressions. White space is bounded, or a small model goes on with it for ever: a blank, or a
 * line end and up to twelve blanks, where JSON allows any.
 */
final class JsonGrammar {
    /** How deep values may be nested that no schema describes. */
    static final int DEPTH = 8;

    private static final int INDENT = 12;

    static final Expression SPACE =
            optional(either(text(" "), chain(text("\n"), new Expression.Repeat(text(" "), 0, INDENT))));
    static final Expression COMMA = chain(text(","), SPACE);
    static final Expression COLON = chain(text(":"), optional(text(" ")));

    private static final CharacterSet DIGITS = CharacterSet.of('0', '9');
    private static final CharacterSet HEX = CharacterSet.of('0', '9', 'a', 'f', 'A', 'F');
    static final Expression DIGIT = new Expression.Characters(DIGITS);

    /** One character of a text, escaped or not; halves of characters cannot be written. */
    static final Expression CHARACTER = either(
            characters(0x20, '!', '#', '[', ']', Character.MAX_CODE_POINT),
            chain(text("\\"), either(escapeLetter(), chain(text("u"), codeUnit()))));

    static final Expression INTEGER =
            either(text("0"), chain(optional(text("-")), characters('1', '9'), repeat(DIGIT, 0, 15)));
    static final Expression NUMBER = chain(
            optional(text("-")),
            either(text("0"), chain(characters('1', '9'), repeat(DIGIT, 0, 15))),
            optional(chain(text("."), repeat(DIGIT, 1, 16))),
            optional(chain(
                    characters('e', 'e', 'E', 'E'), optional(characters('+', '+', '-', '-')), repeat(DIGIT, 1, 2))));
    static final Expression BOOLEAN = either(text("true"), text("false"));
    static final Expression NULL = text("null");

    private JsonGrammar() {}

    private static Expression escapeLetter() {
        return characters('"', '"', '\\', '\\', '/', '/', 'b', 'b', 'f', 'f', 'n', 'n', 'r', 'r', 't', 't');
    }

    private static Expression codeUnit() {
        Expression hex = new Expression.Characters(HEX);
        return either(
                chain(characters('0', '9', 'a', 'c', 'e', 'f', 'A', 'C', 'E', 'F'), repeat(hex, 3, 3)),
                chain(characters('d', 'd', 'D', 'D'), characters('0', '7'), repeat(hex, 2, 2)));
    }

    static Expression repeat(Expression item, int min, int max) {
        return new Expression.Repeat(item, min, max);
    }

    /** A text of so many characters. */
    static Expression string(int min, int max) {
        return quoted(repeat(CHARACTER, min, max));
    }

    static Expression quoted(Expression content) {
        return chain(text("\""), content, text("\""));
    }

    /** A text as it is written in JSON. */
    static String literal(String value) {
        StringBuilder out = new StringBuilder("\"");
        value.codePoints().forEach(c -> out.append(escaped(c)));
        return out.append('"').toString();
    }

    /** How a character is written within a text. */
    static String escaped(int c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default ->
                c < 0x20 ? "\\u00" + (c < 16 ? "0" : "1") + Character.forDigit(c & 15, 16) : Character.toString(c);
        };
    }

    /** A list of items, {@code max} may be unlimited. */
    static Expression array(Expression item, int min, int max) {
        if (max == 0) {
            return chain(text("["), SPACE, text("]"));
        }
        int more = max == Expression.UNLIMITED ? max : max - 1;
        Expression items = chain(item, repeat(chain(COMMA, item), Math.max(0, min - 1), more));
        return chain(text("["), SPACE, min == 0 ? optional(items) : items, SPACE, text("]"));
    }

    /** Any members of an object: keys as {@code key} has them, values as {@code value} has them. */
    static Expression members(Expression key, Expression value) {
        Expression member = chain(key, COLON, value);
        return chain(member, repeat(chain(COMMA, member), 0, Expression.UNLIMITED));
    }

    static Expression braces(Expression members) {
        return chain(text("{"), SPACE, members, SPACE, text("}"));
    }

    /** Any value, nested up to {@code depth}; adds the rules it needs. */
    static Expression any(Map<String, Expression> rules, int depth) {
        String name = "any-" + depth;
        if (!rules.containsKey(name)) {
            List<Expression> kinds = new ArrayList<>(List.of(string(0, Expression.UNLIMITED), NUMBER, BOOLEAN, NULL));
            if (depth > 0) {
                Expression inner = any(rules, depth - 1);
                kinds.add(array(inner, 0, Expression.UNLIMITED));
                kinds.add(anyObject(inner));
            }
            rules.put(name, new Expression.Either(kinds));
        }
        return new Expression.Reference(name);
    }

    private static Expression anyObject(Expression value) {
        return braces(optional(members(string(0, Expression.UNLIMITED), value)));
    }

    /** Any object. */
    static Expression anyObject(Map<String, Expression> rules) {
        return anyObject(any(rules, DEPTH - 1));
    }

    static Expression anyArray(Map<String, Expression> rules) {
        return array(any(rules, DEPTH - 1), 0, Expression.UNLIMITED);
    }

    /** A key, without escapes, that is none of {@code names}. */
    static Expression keyBut(List<String> names) {
        return quoted(textBut(names.stream().filter(JsonGrammar::isPlain).toList(), 0));
    }

    private static boolean isPlain(String name) {
        return name.codePoints().allMatch(c -> c >= 0x20 && c != '"' && c != '\\')
                && StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    /** A text that, after the first {@code at} characters that {@code names} have in common, is none of them. */
    private static Expression textBut(List<String> names, int at) {
        CharacterSet plain = CharacterSet.of(0x20, '!', '#', '[', ']', Character.MAX_CODE_POINT);
        Expression rest = repeat(new Expression.Characters(plain), 0, Expression.UNLIMITED);
        if (names.isEmpty()) {
            return rest;
        }
        List<Expression> ways = new ArrayList<>();
        CharacterSet others = plain;
        int[] nexts = names.stream()
                .filter(name -> name.length() > at)
                .mapToInt(name -> name.codePointAt(at))
                .distinct()
                .toArray();
        for (int next : nexts) {
            others = others.and(CharacterSet.of(next, next).complement());
            List<String> going = names.stream()
                    .filter(name -> name.length() > at && name.codePointAt(at) == next)
                    .toList();
            ways.add(chain(characters(next, next), textBut(going, at + Character.charCount(next))));
        }
        if (!others.isEmpty()) {
            ways.add(chain(new Expression.Characters(others), rest));
        }
        if (names.stream().noneMatch(name -> name.length() == at)) {
            ways.add(text(""));
        }
        return new Expression.Either(ways);
    }
}
