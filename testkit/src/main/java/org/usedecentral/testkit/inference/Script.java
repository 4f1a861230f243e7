package org.usedecentral.testkit.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.Usage;

/**
 * What a {@link ScriptedBackend} answers: tokens one after the other, with pauses and failures between. Immutable; each method
 * gives a longer script. At most 100,000 steps.
 */
public final class Script {
    /** How many words are said when no test says otherwise. */
    static final int WORDS = 200;

    private static final int MAX_STEPS = 100_000;
    private static final Script EMPTY =
            new Script(List.of(), new Ending(FinishReason.STOP, OptionalInt.empty(), null, 0));

    private final List<Step> steps;
    private final Ending ending;

    private Script(List<Step> steps, Ending ending) {
        this.steps = steps;
        this.ending = ending;
    }

    /** What happens next in a generation. */
    sealed interface Step {
        /** One token, which the engine yields at once. */
        record Token(PartKind kind, String text) implements Step {}

        /** A piece of a tool call, one token. */
        record Call(
                int index, @Nullable String id, @Nullable String name, String arguments) implements Step {}

        /** Waits for the test. */
        record Wait(Gate gate) implements Step {}

        /** Waits for time to pass. */
        record Pause(Duration duration) implements Step {}

        /** Ends the generation with an exception. */
        record Failure(RuntimeException cause) implements Step {}
    }

    /** How the generation ends when all steps are done, and what the backend says it used. */
    record Ending(
            FinishReason reason,
            OptionalInt inputTokens,
            @Nullable Usage usage,
            int cachedTokens) {}

    /** Says nothing and stops. */
    public static Script silent() {
        return EMPTY;
    }

    /** Says each of these tokens. */
    public static Script of(String... tokens) {
        return EMPTY.tokens(tokens);
    }

    /** Says {@code count} different words, one a token. */
    public static Script words(int count) {
        return EMPTY.withWords(count);
    }

    Script withWords(int count) {
        List<Step> words = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            words.add(new Step.Token(PartKind.TEXT, i == 0 ? "word0" : " word" + i));
        }
        return with(words);
    }

    public Script tokens(String... texts) {
        return parts(PartKind.TEXT, texts);
    }

    public Script reasoning(String... texts) {
        return parts(PartKind.REASONING, texts);
    }

    public Script refusal(String... texts) {
        return parts(PartKind.REFUSAL, texts);
    }

    /** A tool call in two pieces; the generation ends with {@code TOOL_CALLS}. */
    public Script call(int index, String id, String name, String arguments) {
        int half = arguments.offsetByCodePoints(0, arguments.codePointCount(0, arguments.length()) / 2);
        return with(List.of(
                        new Step.Call(index, id, name, arguments.substring(0, half)),
                        new Step.Call(index, null, null, arguments.substring(half))))
                .finish(FinishReason.TOOL_CALLS);
    }

    /** Waits until the test opens the gate. */
    public Script waitFor(Gate gate) {
        return with(List.of(new Step.Wait(gate)));
    }

    /** Waits this long, for tests and benchmarks of pace; what must be deterministic uses a {@link Gate}. */
    public Script pause(Duration duration) {
        return with(List.of(new Step.Pause(duration)));
    }

    /** The same script with a pause before every token. */
    public Script paced(Duration duration) {
        List<Step> paced = new ArrayList<>(steps.size() * 2);
        for (Step step : steps) {
            if (step instanceof Step.Token || step instanceof Step.Call) {
                paced.add(new Step.Pause(duration));
            }
            paced.add(step);
        }
        return new Script(List.of(), ending).with(paced);
    }

    /** Fails with {@code cause}; a {@code DecentralException} as an engine that knows why, another as one that does not. */
    public Script fail(RuntimeException cause) {
        return with(List.of(new Step.Failure(cause)));
    }

    /** Why it ends, once the steps are done. */
    public Script finish(FinishReason reason) {
        return new Script(steps, new Ending(reason, ending.inputTokens(), ending.usage(), ending.cachedTokens()));
    }

    /** What the prompt is counted as, instead of its words. */
    public Script inputTokens(int count) {
        return new Script(
                steps, new Ending(ending.reason(), OptionalInt.of(count), ending.usage(), ending.cachedTokens()));
    }

    /** How many of the prompt's tokens are said to have come from a prefix cache. */
    public Script cachedTokens(int count) {
        return new Script(steps, new Ending(ending.reason(), ending.inputTokens(), ending.usage(), count));
    }

    /** What is stated at the end, whatever was generated: for backends that do not tell the truth. */
    public Script claimUsage(Usage usage) {
        return new Script(steps, new Ending(ending.reason(), ending.inputTokens(), usage, ending.cachedTokens()));
    }

    private Script parts(PartKind kind, String... texts) {
        List<Step> more = new ArrayList<>(texts.length);
        for (String text : texts) {
            more.add(new Step.Token(kind, text));
        }
        return with(more);
    }

    private Script with(List<Step> more) {
        List<Step> all = new ArrayList<>(steps.size() + more.size());
        all.addAll(steps);
        all.addAll(more);
        if (all.size() > MAX_STEPS) {
            throw new IllegalArgumentException("a script has at most " + MAX_STEPS + " steps, not " + all.size());
        }
        return new Script(List.copyOf(all), ending);
    }

    List<Step> steps() {
        return steps;
    }

    Ending ending() {
        return ending;
    }
}
