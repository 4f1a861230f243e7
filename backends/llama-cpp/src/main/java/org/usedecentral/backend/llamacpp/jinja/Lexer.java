package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks} on as Transformers sets them. One use,
 * one thread.
 */
final class Lexer {
    private static final String[] OPERATORS = {
        "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(", ")",
        "[", "]", "{", "}"
    };

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int counted;
    private int line = 1;
    /** What the tag before asked for: to strip the white space that follows. */
    private boolean stripNext;
    /** What a block or comment before asks for: to drop the newline that follows. */
    private boolean trimNewline;

    private Lexer(String source) {
        String normal = source.replace("\r\n", "\n").replace('\r', '\n');
        // As Jinja does, unless told to keep it.
        this.source = normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal;
    }

    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int tag = nextTag(at);
            if (tag < 0) {
                text(source.substring(at));
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            char modifier = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            text(before(tag, kind, modifier));
            at = tag + 2;
            if (modifier == '-' || modifier == '+') {
                at++;
            }
            switch (kind) {
                case '#' -> comment();
                case '{' -> expression(Token.Kind.BEGIN_PRINT, "}}");
                default -> block();
            }
        }
        add(Token.Kind.EOF, "");
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The text up to a tag, without what the tag strips before it. */
    private String before(int tag, char kind, char modifier) {
        int end = tag;
        if (modifier == '-') {
            while (end > at && Character.isWhitespace(source.charAt(end - 1))) {
                end--;
            }
        } else if (kind != '{' && modifier != '+') {
            int start = end;
            while (start > at && (source.charAt(start - 1) == ' ' || source.charAt(start - 1) == '\t')) {
                start--;
            }
            // Only what stands alone before the tag on its line.
            if (start == 0 || source.charAt(start - 1) == '\n') {
                end = start;
            }
        }
        return source.substring(at, end);
    }

    private void text(String text) {
        String kept = text;
        if (stripNext) {
            kept = kept.stripLeading();
        } else if (trimNewline && kept.startsWith("\n")) {
            kept = kept.substring(1);
        }
        stripNext = false;
        trimNewline = false;
        if (!kept.isEmpty()) {
            add(Token.Kind.TEXT, kept);
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw fault("a comment is not closed");
        }
        boolean strips = end > at && source.charAt(end - 1) == '-';
        at = end + 2;
        after(strips, true);
    }

    private void after(boolean strips, boolean trims) {
        stripNext = strips;
        trimNewline = trims;
    }

    private void block() {
        int raw = rawStart();
        if (raw >= 0) {
            raw(raw);
        } else {
            expression(Token.Kind.BEGIN_BLOCK, "%}");
        }
    }

    /** Where the text of a raw block begins, if this is one; else -1. */
    private int rawStart() {
        int i = at;
        while (i < source.length() && Character.isWhitespace(source.charAt(i))) {
            i++;
        }
        if (!source.startsWith("raw", i)) {
            return -1;
        }
        i += 3;
        while (i < source.length() && Character.isWhitespace(source.charAt(i))) {
            i++;
        }
        if (source.startsWith("-%}", i)) {
            after(true, false);
            return i + 3;
        }
        if (source.startsWith("%}", i)) {
            after(false, true);
            return i + 2;
        }
        return -1;
    }

    private void raw(int start) {
        for (int tag = source.indexOf("{%", start); tag >= 0; tag = source.indexOf("{%", tag + 2)) {
            int close = source.indexOf("%}", tag);
            if (close < 0) {
                break;
            }
            String inside = source.substring(tag + 2, close);
            if (inside.replace("-", "").strip().equals("endraw")) {
                at = start;
                text(before(tag, '%', inside.startsWith("-") ? '-' : ' '));
                at = close + 2;
                after(inside.endsWith("-"), true);
                return;
            }
        }
        throw fault("a raw block is not closed");
    }

    private void expression(Token.Kind begin, String close) {
        add(begin, begin == Token.Kind.BEGIN_PRINT ? "{{" : "{%");
        boolean isBlock = begin == Token.Kind.BEGIN_BLOCK;
        // A dictionary's own closing braces come before the tag's.
        int depth = 0;
        while (true) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
            if (at >= source.length()) {
                throw fault("a tag is not closed");
            }
            boolean marked = source.charAt(at) == '-' || (isBlock && source.charAt(at) == '+');
            if (depth == 0 && source.startsWith(close, at + (marked ? 1 : 0))) {
                boolean strips = source.charAt(at) == '-';
                boolean keeps = source.charAt(at) == '+';
                at += marked ? 3 : 2;
                add(Token.Kind.END, close);
                after(strips, isBlock && !keeps);
                return;
            }
            char c = source.charAt(at);
            depth += c == '{' || c == '[' || c == '(' ? 1 : c == '}' || c == ']' || c == ')' ? -1 : 0;
            value(c);
        }
    }

    private void value(char c) {
        if (c == '\'' || c == '"') {
            string(c);
        } else if (Character.isDigit(c)) {
            number();
        } else if (Character.isLetter(c) || c == '_') {
            int start = at;
            while (at < source.length() && isNamePart(source.charAt(at))) {
                at++;
            }
            add(Token.Kind.NAME, source.substring(start, at));
        } else {
            operator();
        }
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private void number() {
        int start = at;
        while (at < source.length() && (Character.isDigit(source.charAt(at)) || source.charAt(at) == '_')) {
            at++;
        }
        boolean fraction =
                at + 1 < source.length() && source.charAt(at) == '.' && Character.isDigit(source.charAt(at + 1));
        if (fraction) {
            at++;
            while (at < source.length() && Character.isDigit(source.charAt(at))) {
                at++;
            }
        }
        boolean exponent = exponent();
        String digits = source.substring(start, at).replace("_", "");
        add(fraction || exponent ? Token.Kind.FLOAT : Token.Kind.INTEGER, digits);
    }

    private boolean exponent() {
        int digit = at + 1;
        if (digit < source.length() && (source.charAt(digit) == '-' || source.charAt(digit) == '+')) {
            digit++;
        }
        if (digit >= source.length()
                || "eE".indexOf(source.charAt(at)) < 0
                || !Character.isDigit(source.charAt(digit))) {
            return false;
        }
        at = digit;
        while (at < source.length() && Character.isDigit(source.charAt(at))) {
            at++;
        }
        return true;
    }

    private void string(char quote) {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            if (c != '\\' || at >= source.length()) {
                value.append(c);
                continue;
            }
            escape(value, source.charAt(at++));
        }
        if (at >= source.length()) {
            throw fault("a string is not closed");
        }
        at++;
        add(Token.Kind.STRING, value.toString());
    }

    private void escape(StringBuilder value, char c) {
        switch (c) {
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case '0' -> value.append('\0');
            case '\\', '\'', '"' -> value.append(c);
            case '\n' -> {}
            case 'x' -> codePoint(value, 2);
            case 'u' -> codePoint(value, 4);
            case 'U' -> codePoint(value, 8);
            // Python keeps the backslash of an escape that it does not know.
            default -> value.append('\\').append(c);
        }
    }

    private void codePoint(StringBuilder value, int digits) {
        try {
            value.appendCodePoint(Integer.parseInt(source, at, at + digits, 16));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw fault("a string has a malformed escape");
        }
        at += digits;
    }

    private void operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                at += operator.length();
                add(Token.Kind.OPERATOR, operator);
                return;
            }
        }
        throw fault("unexpected '" + source.charAt(at) + "'");
    }

    private void add(Token.Kind kind, String text) {
        tokens.add(new Token(kind, text, line()));
    }

    private int line() {
        for (; counted < Math.min(at, source.length()); counted++) {
            if (source.charAt(counted) == '\n') {
                line++;
            }
        }
        return line;
    }

    private JinjaException fault(String message) {
        return JinjaException.fault("line " + line() + ": " + message);
    }
}
