package org.usedecentral.backend.llamacpp.schema;

import static org.usedecentral.backend.llamacpp.grammar.Expression.chain;

import java.util.ArrayList;
import java.util.List;
import org.usedecentral.backend.llamacpp.grammar.CharacterSet;
import org.usedecentral.backend.llamacpp.grammar.Expression;

/**
 * The content of a JSON text that matches a regular expression as JSON schemas have them (ECMA 262): characters, classes,
 * groups, alternatives, repetitions, and anchors around the whole. Nothing that looks around or back. One use.
 */
final class RegularExpression {
    private static final int MAX_LENGTH = 4096;
    private static final int MAX_NESTING = 32;
    private static final int MAX_REPEATS = 10_000;
    private static final CharacterSet DIGITS = CharacterSet.of('0', '9');
    private static final CharacterSet WORD = CharacterSet.of('0', '9', 'a', 'z', 'A', 'Z', '_', '_');
    private static final CharacterSet BLANK = CharacterSet.of(
            '\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F, 0x205F,
            0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);
    private static final CharacterSet LINE_ENDS = CharacterSet.of('\n', '\n', '\r', '\r', 0x2028, 0x2029);

    private final String source;
    private int at;
    private int depth;

    private RegularExpression(String source) {
        this.source = source;
    }

    /** @throws SchemaException for what is no regular expression or not of this kind */
    static Expression content(String source) {
        if (source.length() > MAX_LENGTH) {
            throw SchemaException.unsupported("a pattern of more than " + MAX_LENGTH + " characters");
        }
        boolean open = !source.startsWith("^");
        boolean openEnd = !source.endsWith("$") || endsEscaped(source);
        RegularExpression reader =
                new RegularExpression(source.substring(open ? 0 : 1, source.length() - (openEnd ? 0 : 1)));
        boolean anchored = !open || !openEnd;
        Expression inner = reader.alternatives(anchored);
        if (reader.at < reader.source.length()) {
            throw reader.wrong("a ) too many");
        }
        Expression anything = new Expression.Repeat(JsonGrammar.CHARACTER, 0, Expression.UNLIMITED);
        List<Expression> all = new ArrayList<>();
        if (open) {
            all.add(anything);
        }
        all.add(inner);
        if (openEnd) {
            all.add(anything);
        }
        return new Expression.Chain(all);
    }

    private static boolean endsEscaped(String source) {
        int backslashes = 0;
        for (int i = source.length() - 2; i >= 0 && source.charAt(i) == '\\'; i--) {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private Expression alternatives(boolean whole) {
        List<Expression> items = new ArrayList<>();
        items.add(sequence());
        while (at < source.length() && source.charAt(at) == '|') {
            if (whole) {
                throw SchemaException.unsupported("a pattern whose anchors belong to one of its alternatives;"
                        + " put them into a group: ^(a|b)$");
            }
            at++;
            items.add(sequence());
        }
        return items.size() == 1 ? items.getFirst() : new Expression.Either(items);
    }

    private Expression sequence() {
        List<Expression> items = new ArrayList<>();
        while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
            items.add(repeated(atom()));
        }
        return new Expression.Chain(items);
    }

    private Expression repeated(Expression item) {
        if (at == source.length()) {
            return item;
        }
        int min;
        int max;
        switch (source.charAt(at)) {
            case '*' -> {
                min = 0;
                max = Expression.UNLIMITED;
                at++;
            }
            case '+' -> {
                min = 1;
                max = Expression.UNLIMITED;
                at++;
            }
            case '?' -> {
                min = 0;
                max = 1;
                at++;
            }
            case '{' -> {
                at++;
                min = number();
                max = min;
                if (next(',')) {
                    max = at < source.length() && source.charAt(at) == '}' ? Expression.UNLIMITED : number();
                }
                if (!next('}') || (max != Expression.UNLIMITED && max < min)) {
                    throw wrong("a repetition that is none");
                }
            }
            default -> {
                return item;
            }
        }
        // Reluctant or not, the same texts match.
        next('?');
        if (at < source.length() && "*+?{".indexOf(source.charAt(at)) >= 0) {
            throw wrong("nothing to repeat");
        }
        return new Expression.Repeat(item, min, max);
    }

    private int number() {
        int from = at;
        while (at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '9') {
            at++;
        }
        if (at == from || at - from > 5 || Integer.parseInt(source, from, at, 10) > MAX_REPEATS) {
            throw wrong("a repetition must be counted by a number up to " + MAX_REPEATS);
        }
        return Integer.parseInt(source, from, at, 10);
    }

    private Expression atom() {
        char c = source.charAt(at);
        return switch (c) {
            case '(' -> group();
            case '[' -> json(characterClass());
            case '.' -> {
                at++;
                yield json(LINE_ENDS.complement());
            }
            case '\\' -> json(escape());
            case '^', '$' -> throw SchemaException.unsupported("a pattern with an anchor inside it");
            case '*', '+', '?', '{', '}', ']' -> throw wrong("a " + c + " that must be escaped");
            default -> json(literal());
        };
    }

    private CharacterSet literal() {
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        return CharacterSet.of(c, c);
    }

    private Expression group() {
        if (++depth > MAX_NESTING) {
            throw SchemaException.unsupported("a pattern with more than " + MAX_NESTING + " groups inside each other");
        }
        at++;
        if (next('?') && !next(':')) {
            throw SchemaException.unsupported("a pattern with a group that looks around or has a name");
        }
        Expression inner = alternatives(false);
        if (!next(')')) {
            throw wrong("a group without an end");
        }
        depth--;
        return inner;
    }

    private CharacterSet characterClass() {
        at++;
        boolean negated = next('^');
        CharacterSet set = CharacterSet.of();
        while (!next(']')) {
            CharacterSet first = member();
            int[] one = first.toPairs();
            boolean single = one.length == 2 && one[0] == one[1];
            if (at + 1 < source.length() && source.charAt(at) == '-' && source.charAt(at + 1) != ']') {
                at++;
                int[] end = member().toPairs();
                if (!single || end.length != 2 || end[0] != end[1] || end[0] < one[0]) {
                    throw wrong("a range of characters that is none");
                }
                first = CharacterSet.of(one[0], end[0]);
            }
            set = set.or(first);
        }
        set = negated ? set.complement() : set;
        if (set.isEmpty()) {
            throw wrong("a class without characters");
        }
        return set;
    }

    private CharacterSet member() {
        if (at >= source.length()) {
            throw wrong("a class without an end");
        }
        if (source.charAt(at) == '\\' && source.startsWith("\\b", at)) {
            at += 2;
            return CharacterSet.of('\b', '\b');
        }
        return source.charAt(at) == '\\' ? escape() : literal();
    }

    private CharacterSet escape() {
        at++;
        if (at == source.length()) {
            throw wrong("a \\ at the end");
        }
        char c = source.charAt(at++);
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.complement();
            case 'w' -> WORD;
            case 'W' -> WORD.complement();
            case 's' -> BLANK;
            case 'S' -> BLANK.complement();
            case 't' -> CharacterSet.of('\t', '\t');
            case 'n' -> CharacterSet.of('\n', '\n');
            case 'r' -> CharacterSet.of('\r', '\r');
            case 'f' -> CharacterSet.of('\f', '\f');
            case 'v' -> CharacterSet.of(0x0B, 0x0B);
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    throw SchemaException.unsupported("a pattern with \\" + c);
                }
                yield CharacterSet.of(c, c);
            }
        };
    }

    private CharacterSet hex(int digits) {
        try {
            int c = Integer.parseUnsignedInt(source.substring(at, at + digits), 16);
            at += digits;
            CharacterSet set = CharacterSet.of(c, c);
            if (set.isEmpty()) {
                throw SchemaException.unsupported("a pattern with half a character");
            }
            return set;
        } catch (NumberFormatException | StringIndexOutOfBoundsException _) {
            throw wrong("an escape that needs " + digits + " hexadecimal digits");
        }
    }

    /** How a character of the set is written within a JSON text: as itself, or where that is not allowed escaped. */
    private static Expression json(CharacterSet set) {
        CharacterSet plain = set.and(CharacterSet.of(0x20, '!', '#', '[', ']', Character.MAX_CODE_POINT));
        List<Expression> ways = new ArrayList<>();
        if (!plain.isEmpty()) {
            ways.add(new Expression.Characters(plain));
        }
        for (int c = 0; c <= '\\'; c++) {
            if (set.contains(c) && !plain.contains(c)) {
                ways.add(Expression.text(JsonGrammar.escaped(c)));
            }
        }
        return ways.size() == 1 ? ways.getFirst() : new Expression.Either(ways);
    }

    private boolean next(char c) {
        if (at < source.length() && source.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private SchemaException wrong(String what) {
        return SchemaException.invalid("the pattern has " + what + " at " + at);
    }

    /** Formats that are regular expressions (RFC 3339, RFC 4122, RFC 2673); months have their days, every February 28. */
    static Expression format(String name) {
        String date =
                "[12]\\d{3}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))";
        String time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
        String byteNumber = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
        String label = "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?";
        String pattern = switch (name) {
            case "date" -> date;
            case "time" -> time;
            case "date-time" -> date + "T" + time;
            case "uuid" -> "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
            case "ipv4" -> "(" + byteNumber + "\\.){3}" + byteNumber;
            case "email" -> "[a-z0-9]+([._+-][a-z0-9]+){0,3}@" + "(" + label + "\\.){1,3}[a-z]{2,6}";
            case "hostname" -> "(" + label + "\\.){0,3}[a-z]{2,12}";
            default -> throw SchemaException.unsupported("format '" + name + "'");
        };
        return chain(content("^(" + pattern + ")$"));
    }
}
