package org.usedecentral.backend.llamacpp.grammar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads GBNF, the notation of llama.cpp's grammars (its grammars/README.md): rules {@code name ::= …}, texts, character
 * classes, groups, {@code |}, the repetitions {@code * + ? {n} {n,} {n,m}}, comments from {@code #}. One use, one thread.
 */
final class Gbnf {
    private static final int MAX_LENGTH = 64 * 1024;
    private static final int MAX_NESTING = 64;
    private static final int MAX_REPEATS = 10_000;
    private static final int MAX_REPEATS_OF_ONE = 4;

    private final String source;
    private final Map<String, Expression> rules = new LinkedHashMap<>();
    private final Set<String> references = new TreeSet<>();
    private int at;
    private int depth;

    private Gbnf(String source) {
        this.source = source;
    }

    /**
     * The rules by name.
     *
     * @throws GrammarException saying where it is wrong
     */
    static Map<String, Expression> parse(String source) {
        if (source.length() > MAX_LENGTH) {
            throw new GrammarException("the grammar has more than " + MAX_LENGTH + " characters");
        }
        Gbnf reader = new Gbnf(source);
        reader.rules();
        return reader.rules;
    }

    private void rules() {
        space(true);
        while (at < source.length()) {
            String name = name();
            space(false);
            expect("::=");
            space(true);
            if (rules.put(name, alternatives(false)) != null) {
                throw wrong("rule " + name + " is there twice");
            }
            space(true);
        }
        references.removeAll(rules.keySet());
        if (!references.isEmpty()) {
            throw new GrammarException(
                    "the grammar has no rule " + references.iterator().next());
        }
    }

    private Expression alternatives(boolean grouped) {
        List<Expression> items = new ArrayList<>();
        items.add(chain(grouped));
        while (next('|')) {
            space(true);
            items.add(chain(grouped));
        }
        return items.size() == 1 ? items.getFirst() : new Expression.Either(items);
    }

    private Expression chain(boolean grouped) {
        List<Expression> items = new ArrayList<>();
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '"') {
                items.add(text());
            } else if (c == '[') {
                items.add(new Expression.Characters(characterClass()));
            } else if (c == '.') {
                at++;
                items.add(new Expression.Characters(CharacterSet.of().complement()));
            } else if (c == '(') {
                items.add(group());
            } else if (isWord(c)) {
                String name = name();
                references.add(name);
                items.add(new Expression.Reference(name));
            } else if (c == '<' || c == '!') {
                throw wrong("tokens in a grammar (<…>) are not supported here; write their text");
            } else {
                break;
            }
            space(grouped);
            repeats(items, grouped);
        }
        return items.size() == 1 ? items.getFirst() : new Expression.Chain(items);
    }

    private Expression group() {
        if (++depth > MAX_NESTING) {
            throw wrong("more than " + MAX_NESTING + " groups inside each other");
        }
        at++;
        space(true);
        Expression inner = alternatives(true);
        expect(")");
        depth--;
        return inner;
    }

    private void repeats(List<Expression> items, boolean grouped) {
        for (int count = 0; at < source.length() && "*+?{".indexOf(source.charAt(at)) >= 0; count++) {
            if (count == MAX_REPEATS_OF_ONE) {
                throw wrong("more than " + MAX_REPEATS_OF_ONE + " repetitions of one another");
            }
            Expression item = items.removeLast();
            switch (source.charAt(at++)) {
                case '*' -> items.add(new Expression.Repeat(item, 0, Expression.UNLIMITED));
                case '+' -> items.add(new Expression.Repeat(item, 1, Expression.UNLIMITED));
                case '?' -> items.add(Expression.optional(item));
                default -> items.add(counted(item));
            }
            space(grouped);
        }
    }

    private Expression counted(Expression item) {
        space(true);
        int min = number();
        int max = min;
        space(true);
        if (next(',')) {
            space(true);
            max = at < source.length() && source.charAt(at) == '}' ? Expression.UNLIMITED : number();
            space(true);
        }
        expect("}");
        if (max != Expression.UNLIMITED && max < min) {
            throw wrong("a repetition {" + min + "," + max + "}");
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

    private Expression text() {
        at++;
        StringBuilder text = new StringBuilder();
        while (peek() != '"') {
            text.appendCodePoint(character());
        }
        at++;
        return new Expression.Text(text.toString());
    }

    private CharacterSet characterClass() {
        at++;
        boolean negated = next('^');
        List<Integer> pairs = new ArrayList<>();
        while (peek() != ']') {
            int first = character();
            int last = first;
            if (peek() == '-' && at + 1 < source.length() && source.charAt(at + 1) != ']') {
                at++;
                last = character();
            }
            pairs.add(first);
            pairs.add(last);
        }
        at++;
        CharacterSet set = CharacterSet.of(pairs.stream().mapToInt(i -> i).toArray());
        set = negated ? set.complement() : set;
        if (set.isEmpty()) {
            throw wrong("a character class without characters");
        }
        return set;
    }

    private int character() {
        int c = source.codePointAt(at);
        if (c != '\\') {
            at += Character.charCount(c);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw wrong("half a character");
            }
            return c;
        }
        at++;
        char escape = peek();
        at++;
        return switch (escape) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '\\', '"', '[', ']', '-', '^' -> escape;
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            default -> throw wrong("an unknown escape \\" + escape);
        };
    }

    private int hex(int digits) {
        try {
            if (at + digits > source.length()) {
                throw new NumberFormatException();
            }
            int c = Integer.parseUnsignedInt(source, at, at + digits, 16);
            if (!Character.isValidCodePoint(c) || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                throw new NumberFormatException();
            }
            at += digits;
            return c;
        } catch (NumberFormatException _) {
            throw wrong("an escape that needs " + digits + " hexadecimal digits of a character");
        }
    }

    private String name() {
        int from = at;
        while (at < source.length() && isWord(source.charAt(at))) {
            at++;
        }
        if (at == from) {
            throw wrong("a rule's name is expected");
        }
        return source.substring(from, at);
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }

    /** Skips blanks and comments; line ends too where a rule cannot end. */
    private void space(boolean lines) {
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '#') {
                while (at < source.length() && source.charAt(at) != '\n' && source.charAt(at) != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    private char peek() {
        if (at >= source.length()) {
            throw wrong("it ends too early");
        }
        return source.charAt(at);
    }

    private boolean next(char c) {
        if (at < source.length() && source.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String what) {
        if (!source.startsWith(what, at)) {
            throw wrong("'" + what + "' is expected");
        }
        at += what.length();
    }

    private GrammarException wrong(String what) {
        int line = 1
                + (int) source.substring(0, Math.min(at, source.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        return new GrammarException("the grammar is wrong in line " + line + ": " + what);
    }
}
