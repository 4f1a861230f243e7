package org.usedecentral.spi.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a generation. */
public sealed interface GenerationEvent {
    /**
     * Text of one choice: whole characters only.
     *
     * @param tokens how many tokens were generated for it; 0 for text that was held back earlier
     * @param info one entry a token, only if log probabilities were asked for
     */
    record TextDelta(int choice, PartKind kind, String text, int tokens, List<TokenInfo> info)
            implements GenerationEvent {
        public TextDelta {
            info = List.copyOf(info);
        }
    }

    /** A piece of a tool call: the first piece of an index carries id and name. */
    record ToolCallDelta(
            int choice,
            int index,
            @Nullable String id,
            @Nullable String name,
            String arguments,
            int tokens) implements GenerationEvent {}

    /** The end: one reason a choice, usage over all choices. */
    record Finished(List<FinishReason> reasons, Usage usage) implements GenerationEvent {
        public Finished {
            reasons = List.copyOf(reasons);
        }
    }
}
