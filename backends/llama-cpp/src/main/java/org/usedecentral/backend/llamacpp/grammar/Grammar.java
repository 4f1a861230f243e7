package org.usedecentral.backend.llamacpp.grammar;

import java.util.Map;

/**
 * A compiled grammar: a network of states, in which a rule calls another as a subroutine. Its language is what leads from
 * the start of {@code root} to its end. Immutable, for any number of {@link Matcher}s at once.
 */
public final class Grammar {
    /** A network larger than this is refused: so many states take some megabytes. */
    static final int MAX_STATES = 200_000;

    /** Where the rule that is matched began. */
    static final int START = 0;

    /** Takes a character of set {@code argument}, goes to {@code next}. */
    static final byte TAKE = 0;
    /** Goes to {@code next} and to {@code argument} without a character. */
    static final byte FORK = 1;
    /** Goes through rule {@code argument}, then to {@code next}. */
    static final byte CALL = 2;
    /** The end of a rule. */
    static final byte RETURN = 3;

    final byte[] kinds;
    final int[] nexts;
    final int[] arguments;
    final CharacterSet[] sets;
    /** Where each rule begins; the root is the first. */
    final int[] rules;

    Grammar(byte[] kinds, int[] nexts, int[] arguments, CharacterSet[] sets, int[] rules) {
        this.kinds = kinds;
        this.nexts = nexts;
        this.arguments = arguments;
        this.sets = sets;
        this.rules = rules;
    }

    /**
     * Reads a grammar in GBNF, whose first rule to match is {@code root}.
     *
     * @throws GrammarException if it is wrong or too large, or accepts nothing
     */
    public static Grammar parse(String gbnf) {
        Map<String, Expression> rules = Gbnf.parse(gbnf);
        if (!rules.containsKey("root")) {
            throw new GrammarException("the grammar has no rule root");
        }
        return of(rules, "root");
    }

    /**
     * Compiles rules that were made, not read; every rule referred to must be there.
     *
     * @throws GrammarException if they are too large or accept nothing
     */
    public static Grammar of(Map<String, Expression> rules, String root) {
        Grammar grammar = new GrammarCompiler(rules).compile(root);
        if (new Matcher(grammar).start().isDead()) {
            throw new GrammarException("the grammar accepts nothing");
        }
        return grammar;
    }

    /** How many states it has. */
    int size() {
        return kinds.length;
    }
}
