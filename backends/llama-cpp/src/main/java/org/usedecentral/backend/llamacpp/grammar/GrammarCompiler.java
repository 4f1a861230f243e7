package org.usedecentral.backend.llamacpp.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Makes the network of a grammar, as Thompson (1968) makes one of a regular expression. One use, one thread. */
final class GrammarCompiler {
    /** Rules up to this size are copied to where they are used: matching without calls meets the same state again. */
    private static final int SMALL = 64;
    /** A bound for the recursion of the compiler. */
    private static final int SHALLOW = 32;

    private final Map<String, Expression> expressions;
    private final Map<String, Extent> extents = new HashMap<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final Map<CharacterSet, Integer> sets = new LinkedHashMap<>();
    private final ArrayDeque<String> pending = new ArrayDeque<>();
    private byte[] kinds = new byte[256];
    private int[] nexts = new int[256];
    private int[] arguments = new int[256];
    private int size;

    /** How many states an expression becomes, and how deep it is nested. */
    private record Extent(long states, int height) {
        boolean isSmall() {
            return states <= SMALL && height <= SHALLOW;
        }
    }

    GrammarCompiler(Map<String, Expression> expressions) {
        this.expressions = expressions;
    }

    Grammar compile(String root) {
        measure();
        number(root);
        List<Integer> starts = new ArrayList<>();
        while (!pending.isEmpty()) {
            Expression expression = Objects.requireNonNull(expressions.get(pending.remove()));
            int end = state(Grammar.RETURN, -1, 0);
            starts.add(compile(expression, end));
        }
        return new Grammar(
                Arrays.copyOf(kinds, size),
                Arrays.copyOf(nexts, size),
                Arrays.copyOf(arguments, size),
                sets.keySet().toArray(CharacterSet[]::new),
                starts.stream().mapToInt(start -> start).toArray());
    }

    private int number(String rule) {
        Integer known = numbers.get(rule);
        if (known != null) {
            return known;
        }
        numbers.put(rule, numbers.size());
        pending.add(rule);
        return numbers.size() - 1;
    }

    /** The state where {@code expression} begins, so that it ends in state {@code next}. */
    private int compile(Expression expression, int next) {
        return switch (expression) {
            case Expression.Text(String text) -> text(text, next);
            case Expression.Characters(CharacterSet set) -> state(Grammar.TAKE, next, number(set));
            case Expression.Chain(List<Expression> items) -> {
                int start = next;
                for (Expression item : items.reversed()) {
                    start = compile(item, start);
                }
                yield start;
            }
            case Expression.Either(List<Expression> items) -> {
                int start = compile(items.getLast(), next);
                for (Expression item : items.subList(0, items.size() - 1).reversed()) {
                    start = state(Grammar.FORK, compile(item, next), start);
                }
                yield start;
            }
            case Expression.Repeat repeat -> repeat(repeat, next);
            case Expression.Reference(String rule) -> {
                Extent extent = extents.get(rule);
                yield extent != null && extent.isSmall()
                        ? compile(Objects.requireNonNull(expressions.get(rule)), next)
                        : state(Grammar.CALL, next, number(rule));
            }
        };
    }

    private int text(String text, int next) {
        int start = next;
        for (int i = text.length(); i > 0; ) {
            int c = text.codePointBefore(i);
            i -= Character.charCount(c);
            start = state(Grammar.TAKE, start, number(CharacterSet.of(c, c)));
        }
        return start;
    }

    private int repeat(Expression.Repeat repeat, int next) {
        int start = next;
        if (repeat.max() == Expression.UNLIMITED) {
            int loop = state(Grammar.FORK, -1, next);
            // Not at once: compiling may move the array.
            int item = compile(repeat.item(), loop);
            nexts[loop] = item;
            start = loop;
        } else {
            for (int i = repeat.min(); i < repeat.max(); i++) {
                start = state(Grammar.FORK, compile(repeat.item(), start), next);
            }
        }
        for (int i = 0; i < repeat.min(); i++) {
            start = compile(repeat.item(), start);
        }
        return start;
    }

    private int number(CharacterSet set) {
        Integer known = sets.putIfAbsent(set, sets.size());
        return known == null ? sets.size() - 1 : known;
    }

    private int state(byte kind, int next, int argument) {
        if (size == Grammar.MAX_STATES) {
            throw new GrammarException("the grammar is too large: it has more than " + Grammar.MAX_STATES
                    + " states; shorten its repetitions");
        }
        if (size == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * size);
            nexts = Arrays.copyOf(nexts, 2 * size);
            arguments = Arrays.copyOf(arguments, 2 * size);
        }
        kinds[size] = kind;
        nexts[size] = next;
        arguments[size] = argument;
        return size++;
    }

    /** Finds the extent of every rule that leads to no recursion, those first that use no other. */
    private void measure() {
        Map<String, Set<String>> users = new HashMap<>();
        Map<String, Integer> unknown = new HashMap<>();
        ArrayDeque<String> ready = new ArrayDeque<>();
        expressions.forEach((rule, expression) -> {
            Set<String> used = new LinkedHashSet<>();
            collect(expression, used);
            used.forEach(each ->
                    users.computeIfAbsent(each, _ -> new LinkedHashSet<>()).add(rule));
            unknown.put(rule, used.size());
            if (used.isEmpty()) {
                ready.add(rule);
            }
        });
        while (!ready.isEmpty()) {
            String rule = ready.remove();
            extents.put(rule, extent(Objects.requireNonNull(expressions.get(rule))));
            for (String user : users.getOrDefault(rule, Set.of())) {
                if (unknown.merge(user, -1, Integer::sum) == 0) {
                    ready.add(user);
                }
            }
        }
    }

    private static void collect(Expression expression, Set<String> rules) {
        switch (expression) {
            case Expression.Text _, Expression.Characters _ -> {
                // They refer to nothing.
            }
            case Expression.Chain(List<Expression> items) -> items.forEach(item -> collect(item, rules));
            case Expression.Either(List<Expression> items) -> items.forEach(item -> collect(item, rules));
            case Expression.Repeat(Expression item, int _, int _) -> collect(item, rules);
            case Expression.Reference(String rule) -> rules.add(rule);
        }
    }

    private Extent extent(Expression expression) {
        return switch (expression) {
            case Expression.Text(String text) -> new Extent(text.length(), 1);
            case Expression.Characters _ -> new Extent(1, 1);
            case Expression.Chain(List<Expression> items) -> extent(items);
            case Expression.Either(List<Expression> items) -> extent(items);
            case Expression.Repeat(Expression item, int min, int max) -> {
                Extent one = extent(item);
                long copies = max == Expression.UNLIMITED ? min + 1L : max;
                yield new Extent(Math.min(Grammar.MAX_STATES, (one.states() + 1) * copies), one.height() + 1);
            }
            case Expression.Reference(String rule) -> {
                Extent used = Objects.requireNonNull(extents.get(rule));
                yield used.isSmall() ? new Extent(used.states(), used.height() + 1) : new Extent(1, 1);
            }
        };
    }

    private Extent extent(List<Expression> items) {
        long states = items.size();
        int height = 0;
        for (Expression item : items) {
            Extent extent = extent(item);
            states = Math.min(Grammar.MAX_STATES, states + extent.states());
            height = Math.max(height, extent.height());
        }
        return new Extent(states, height + 1);
    }
}
