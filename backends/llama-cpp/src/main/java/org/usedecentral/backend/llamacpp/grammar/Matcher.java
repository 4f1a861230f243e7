package org.usedecentral.backend.llamacpp.grammar;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Follows UTF-8 bytes through a grammar. All ways through it are followed at once; the calls that led to where they are
 * form a graph in which ways that called the same rule at the same place share a node (Tomita 1986), so that an ambiguous
 * or left-recursive grammar costs a polynomial and not an exponential. What a step may cost is bounded as well.
 *
 * <p>States are immutable and can be gone back to; the matcher itself is for one thread.
 */
public final class Matcher {
    /** More open ways than any sensible grammar has. */
    private static final int MAX_WAYS = 20_000;
    /** Ways that may be followed at once, some tenths of a second's work, and how many more with each token. */
    private static final long MAX_WORK = 5_000_000;

    private static final long WORK_A_TOKEN = 200_000;

    private final Grammar grammar;
    private final Call[] calls;
    private int callNumber;
    private long workLeft = MAX_WORK;
    private int step;

    // The ways that are still to be followed and those that were met in this step.
    private int[] openStates = new int[64];
    private Call[] openCalls;
    private int open;
    private int[] metStates = new int[128];
    private Call[] metCalls;
    private int[] metSteps = new int[128];
    private int met;
    private int[] takenStates = new int[64];
    private Call[] takenCalls;
    private int taken;
    private boolean complete;

    /** A rule called at one place, with everybody who waits for its end. */
    private static final class Call {
        final int hash;
        final int step;
        int[] returns = new int[2];
        Call[] callers;
        int size;
        boolean returned;

        Call(int number, int step, Call[] none) {
            this.hash = number * 0x9E3779B9;
            this.step = step;
            this.callers = none;
        }

        void add(int next, Call caller) {
            if (size == callers.length) {
                callers = Arrays.copyOf(callers, Math.max(2, 2 * size));
                returns = Arrays.copyOf(returns, callers.length);
            }
            returns[size] = next;
            callers[size++] = caller;
        }
    }

    private static final Call[] NONE = {};

    /** Where a match is after some bytes. Immutable but for what it remembers of where it leads. */
    public static final class State {
        private static final int LOOKUPS_BEFORE_CACHE = 4;

        private final int[] states;
        private final Call[] calls;
        private final boolean complete;
        // Within a character: between which two the character will lie, and how many bytes it still needs.
        private final @Nullable State before;
        private final int first;
        private final int last;
        private final int missing;

        private int lookups;
        private @Nullable State @Nullable [] cache;
        private @Nullable State sibling;
        private long @Nullable [] tokens;

        /** Between two characters. */
        private State(int[] states, Call[] calls, boolean complete) {
            this.states = states;
            this.calls = calls;
            this.complete = complete;
            this.before = null;
            this.first = 0;
            this.last = 0;
            this.missing = 0;
        }

        /** Within a character that follows {@code before}. */
        private State(State before, int first, int last, int missing) {
            this.states = before.states;
            this.calls = before.calls;
            this.complete = false;
            this.before = before;
            this.first = first;
            this.last = last;
            this.missing = missing;
        }

        private State within(int from, int to, int bytes) {
            return new State(before == null ? this : before, from, to, bytes);
        }

        /** True if the grammar may end here. */
        public boolean isComplete() {
            return complete;
        }

        /** True if nothing can follow. */
        public boolean isFinal() {
            return states.length == 0;
        }

        /** True if it neither ends here nor goes on. */
        boolean isDead() {
            return states.length == 0 && !complete;
        }

        /** What {@link #remember} was given, or null. */
        public long @Nullable [] remembered() {
            return tokens;
        }

        /** Keeps which tokens may follow, for whoever works it out. */
        public void remember(long[] allowed) {
            tokens = allowed;
        }

        private boolean isAt(int[] otherStates, Call[] otherCalls, int count, boolean otherComplete) {
            if (count != states.length || complete != otherComplete) {
                return false;
            }
            for (int i = 0; i < count; i++) {
                if (states[i] != otherStates[i] || calls[i] != otherCalls[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    public Matcher(Grammar grammar) {
        this.grammar = grammar;
        this.calls = new Call[grammar.rules.length];
        this.openCalls = new Call[openStates.length];
        this.metCalls = new Call[metStates.length];
        this.takenCalls = new Call[takenStates.length];
    }

    /** Before the first byte. */
    public State start() {
        begin();
        Call root = new Call(callNumber++, step, NONE);
        visit(grammar.rules[0], root);
        follow();
        return new State(Arrays.copyOf(takenStates, taken), Arrays.copyOf(takenCalls, taken), complete);
    }

    /** Allows for the work of one more token; without it the matcher refuses at some time. */
    public void rest() {
        workLeft = Math.min(MAX_WORK, workLeft + WORK_A_TOKEN);
    }

    /**
     * Where a byte leads, or null if the grammar does not have it.
     *
     * @throws GrammarException if the grammar is too ambiguous to be followed
     */
    public @Nullable State next(State from, byte utf8) {
        int b = utf8 & 0xFF;
        if (from.missing > 0) {
            return within(from, b);
        }
        if (b < 0x80) {
            return character(from, b);
        }
        if (b < 0xC2 || b > 0xF4) {
            return null;
        }
        int bytes = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
        int bits = b & (0x3F >> bytes);
        int first = Math.max(bits << (6 * bytes), bytes == 1 ? 0x80 : bytes == 2 ? 0x800 : 0x10000);
        int last = Math.min(((bits + 1) << (6 * bytes)) - 1, Character.MAX_CODE_POINT);
        return any(from, first, last) ? from.within(first, last, bytes) : null;
    }

    private @Nullable State within(State from, int b) {
        if ((b & 0xC0) != 0x80) {
            return null;
        }
        int missing = from.missing - 1;
        int base = from.first & -(1 << (6 * from.missing));
        int first = base + ((b & 0x3F) << (6 * missing));
        int last = Math.min(first + (1 << (6 * missing)) - 1, from.last);
        first = Math.max(first, from.first);
        if (first > last || !any(from, first, last)) {
            return null;
        }
        if (missing > 0) {
            return from.within(first, last, missing);
        }
        return take(Objects.requireNonNull(from.before), first);
    }

    private boolean any(State from, int first, int last) {
        for (int state : from.states) {
            if (grammar.sets[grammar.arguments[state]].intersects(first, last)) {
                return true;
            }
        }
        return false;
    }

    private static final State REFUSED = new State(new int[0], NONE, false);

    /** With what was found before: in a text one character after the other leads to the same state. */
    private @Nullable State character(State from, int c) {
        @Nullable State[] cache = from.cache;
        if (cache != null) {
            State known = cache[c];
            if (known != null) {
                return known == REFUSED ? null : known;
            }
        }
        State next = take(from, c);
        if (cache == null && ++from.lookups >= State.LOOKUPS_BEFORE_CACHE) {
            cache = new State[128];
            from.cache = cache;
        }
        if (cache != null) {
            cache[c] = next == null ? REFUSED : next;
        }
        return next;
    }

    private @Nullable State take(State from, int c) {
        begin();
        for (int i = 0; i < from.states.length; i++) {
            int state = from.states[i];
            if (grammar.sets[grammar.arguments[state]].contains(c)) {
                visit(grammar.nexts[state], from.calls[i]);
            }
        }
        workLeft -= from.states.length;
        follow();
        if (taken == 0 && !complete) {
            return null;
        }
        if (from.isAt(takenStates, takenCalls, taken, complete)) {
            return from;
        }
        State sibling = from.sibling;
        if (sibling != null && sibling.isAt(takenStates, takenCalls, taken, complete)) {
            return sibling;
        }
        State next = new State(Arrays.copyOf(takenStates, taken), Arrays.copyOf(takenCalls, taken), complete);
        from.sibling = next;
        return next;
    }

    private void begin() {
        step++;
        open = 0;
        met = 0;
        taken = 0;
        complete = false;
    }

    /** Follows the open ways up to where each takes a character. */
    private void follow() {
        while (open > 0) {
            open--;
            int state = openStates[open];
            Call call = openCalls[open];
            switch (grammar.kinds[state]) {
                case Grammar.TAKE -> takes(state, call);
                case Grammar.FORK -> {
                    visit(grammar.arguments[state], call);
                    visit(grammar.nexts[state], call);
                }
                case Grammar.CALL -> call(grammar.arguments[state], grammar.nexts[state], call);
                default -> end(call);
            }
        }
        workLeft -= met;
        if (workLeft < 0) {
            throw new GrammarException("the grammar is too ambiguous: following it takes too long");
        }
    }

    private void call(int rule, int next, Call caller) {
        Call callee = calls[rule];
        if (callee == null || callee.step != step) {
            callee = new Call(callNumber++, step, NONE);
            calls[rule] = callee;
        }
        callee.add(next, caller);
        visit(grammar.rules[rule], callee);
        if (callee.returned) {
            // It matched nothing at all, before this caller was known.
            visit(next, caller);
        }
    }

    private void end(Call call) {
        if (call.size == 0) {
            complete = true;
        }
        call.returned |= call.step == step;
        for (int i = 0; i < call.size; i++) {
            visit(call.returns[i], call.callers[i]);
        }
    }

    private void takes(int state, Call call) {
        if (taken == takenStates.length) {
            takenStates = Arrays.copyOf(takenStates, 2 * taken);
            takenCalls = Arrays.copyOf(takenCalls, 2 * taken);
        }
        takenStates[taken] = state;
        takenCalls[taken++] = call;
    }

    /** Opens a way unless it was met in this step. */
    private void visit(int state, Call call) {
        if (2 * met >= metStates.length) {
            grow();
        }
        int mask = metStates.length - 1;
        int at = (state * 31 + call.hash) & mask;
        while (metSteps[at] == step) {
            if (metStates[at] == state && metCalls[at] == call) {
                return;
            }
            at = (at + 1) & mask;
        }
        if (met == MAX_WAYS) {
            throw new GrammarException(
                    "the grammar is too ambiguous: more than " + MAX_WAYS + " ways are open at once");
        }
        met++;
        metStates[at] = state;
        metCalls[at] = call;
        metSteps[at] = step;
        if (open == openStates.length) {
            openStates = Arrays.copyOf(openStates, 2 * open);
            openCalls = Arrays.copyOf(openCalls, 2 * open);
        }
        openStates[open] = state;
        openCalls[open++] = call;
    }

    private void grow() {
        int[] oldStates = metStates;
        Call[] oldCalls = metCalls;
        int[] oldSteps = metSteps;
        metStates = new int[2 * oldStates.length];
        metCalls = new Call[metStates.length];
        metSteps = new int[metStates.length];
        int mask = metStates.length - 1;
        for (int i = 0; i < oldStates.length; i++) {
            if (oldSteps[i] == step) {
                int at = (oldStates[i] * 31 + oldCalls[i].hash) & mask;
                while (metSteps[at] == step) {
                    at = (at + 1) & mask;
                }
                metStates[at] = oldStates[i];
                metCalls[at] = oldCalls[i];
                metSteps[at] = step;
            }
        }
    }
}
