package org.usedecentral.testkit.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;

/**
 * A short text that a GBNF grammar allows: the same for the same grammar. Literals, character classes, groups, alternatives, references
 * and repetitions are read; the text takes the first alternative that ends.
 */
final class GrammarSample {
    private static final int MOST_DEEP = 24;
    private static final String CANDIDATES = "a0A -_.,\n";

    private final String grammar;
    private final Map<String, Node> rules = new HashMap<>();
    private int at;

    private GrammarSample(String grammar) {
        this.grammar = grammar;
    }

    private sealed interface Node {
        record Text(String text) implements Node {}

        record Rule(String name) implements Node {}

        record Sequence(List<Node> parts) implements Node {}

        record OneOf(List<Node> alternatives) implements Node {}

        record Repeated(Node part, int times) implements Node {}
    }

    /** Such a text; {@code INVALID_REQUEST} if the grammar cannot be read, or refers to a rule that is not there. */
    static String of(String grammar) {
        GrammarSample sample = new GrammarSample(grammar);
        sample.read();
        for (int depth = 1; depth <= MOST_DEEP; depth++) {
            String text = sample.text(new Node.Rule("root"), depth);
            if (text != null) {
                return text;
            }
        }
        throw sample.wrong("has no text that is short enough");
    }

    private void read() {
        skip(true);
        while (at < grammar.length()) {
            String name = name();
            skip(false);
            expect("::=");
            rules.put(name, alternatives());
            skip(true);
        }
        if (!rules.containsKey("root")) {
            throw wrong("has no rule named root");
        }
        rules.values().forEach(this::checkReferences);
    }

    private void checkReferences(Node node) {
        switch (node) {
            case Node.Text _ -> {}
            case Node.Rule(String name) -> {
                if (!rules.containsKey(name)) {
                    throw wrong("refers to rule " + name + ", which is not there");
                }
            }
            case Node.Sequence(List<Node> parts) -> parts.forEach(this::checkReferences);
            case Node.OneOf(List<Node> alternatives) -> alternatives.forEach(this::checkReferences);
            case Node.Repeated(Node part, int _) -> checkReferences(part);
        }
    }

    private Node alternatives() {
        List<Node> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence());
        } while (take('|'));
        return alternatives.size() == 1 ? alternatives.getFirst() : new Node.OneOf(alternatives);
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (true) {
            skip(false);
            Node part = part();
            if (part == null) {
                return new Node.Sequence(parts);
            }
            parts.add(repeated(part));
        }
    }

    private @Nullable Node part() {
        if (at >= grammar.length()) {
            return null;
        }
        char c = grammar.charAt(at);
        if (c == '"') {
            return new Node.Text(quoted('"'));
        }
        if (c == '[') {
            return new Node.Text(oneOf(quoted(']')));
        }
        if (c == '.') {
            at++;
            return new Node.Text("a");
        }
        if (take('(')) {
            Node group = alternatives();
            skip(false);
            expect(")");
            return group;
        }
        return Character.isLetter(c) ? new Node.Rule(name()) : null;
    }

    private Node repeated(Node part) {
        if (take('*') || take('?')) {
            return new Node.Repeated(part, 0);
        }
        if (take('+')) {
            return part;
        }
        if (take('{')) {
            int start = at;
            while (at < grammar.length() && Character.isDigit(grammar.charAt(at))) {
                at++;
            }
            String least = grammar.substring(start, at);
            int end = grammar.indexOf('}', at);
            if (end < 0 || least.length() > 4) {
                throw wrong("has a repetition that is never closed or far too long");
            }
            at = end + 1;
            return new Node.Repeated(part, least.isEmpty() ? 0 : Integer.parseInt(least));
        }
        return part;
    }

    private String quoted(char end) {
        StringBuilder text = new StringBuilder();
        at++;
        while (at < grammar.length() && grammar.charAt(at) != end) {
            char c = grammar.charAt(at++);
            if (c == '\\' && at < grammar.length()) {
                char escaped = grammar.charAt(at++);
                c = escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
            }
            text.append(c);
        }
        if (at >= grammar.length()) {
            throw wrong("has a text that is never closed");
        }
        at++;
        return text.toString();
    }

    private String oneOf(String set) {
        if (!set.startsWith("^")) {
            if (set.isEmpty()) {
                throw wrong("has an empty set of characters");
            }
            return set.substring(0, set.offsetByCodePoints(0, 1));
        }
        for (int i = 0; i < CANDIDATES.length(); i++) {
            if (set.indexOf(CANDIDATES.charAt(i)) < 0) {
                return CANDIDATES.substring(i, i + 1);
            }
        }
        throw wrong("excludes every character that is tried");
    }

    private String name() {
        int start = at;
        while (at < grammar.length() && (Character.isLetterOrDigit(grammar.charAt(at)) || grammar.charAt(at) == '-')) {
            at++;
        }
        if (start == at) {
            throw wrong("has no name at " + at);
        }
        return grammar.substring(start, at);
    }

    private boolean take(char c) {
        if (at < grammar.length() && grammar.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String text) {
        if (!grammar.startsWith(text, at)) {
            throw wrong("has no " + text + " at " + at);
        }
        at += text.length();
    }

    /** Blanks; between rules, line ends and comments too. */
    private void skip(boolean lines) {
        while (at < grammar.length()) {
            char c = grammar.charAt(at);
            if (c == '#' && lines) {
                int end = grammar.indexOf('\n', at);
                at = end < 0 ? grammar.length() : end;
            } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    /** Null if it goes deeper than {@code depth}. */
    private @Nullable String text(Node node, int depth) {
        if (depth == 0) {
            return null;
        }
        return switch (node) {
            case Node.Text(String text) -> text;
            case Node.Rule(String name) -> {
                Node rule = rules.get(name);
                yield rule == null ? null : text(rule, depth - 1);
            }
            case Node.Sequence(List<Node> parts) -> joined(parts, depth);
            case Node.OneOf(List<Node> alternatives) -> first(alternatives, depth);
            case Node.Repeated(Node part, int times) -> {
                String text = times == 0 ? "" : text(part, depth);
                yield text == null ? null : text.repeat(times);
            }
        };
    }

    private @Nullable String first(List<Node> alternatives, int depth) {
        for (Node alternative : alternatives) {
            String text = text(alternative, depth);
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    private @Nullable String joined(List<Node> parts, int depth) {
        StringBuilder all = new StringBuilder();
        for (Node part : parts) {
            String text = text(part, depth);
            if (text == null) {
                return null;
            }
            all.append(text);
        }
        return all.toString();
    }

    private DecentralException wrong(String what) {
        return DecentralException.invalid("grammar", "the grammar " + what + ": " + grammar);
    }
}
