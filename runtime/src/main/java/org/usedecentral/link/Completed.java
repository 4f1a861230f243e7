package org.usedecentral.link;

import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.Usage;

/**
 * What END holds.
 *
 * @param reasons one a choice, by OpenAI's names
 * @param statement the 200 bytes
 */
public record Completed(List<String> reasons, Counts usage, Bytes statement, Bytes signature) {
    /** Tokens; cached and reasoning ones are among the first two. */
    public record Counts(int input, int output, int cached, int reasoning) {}

    public Completed {
        reasons = List.copyOf(reasons);
    }

    public static Completed of(List<FinishReason> reasons, Usage usage, Bytes statement, Bytes signature) {
        return new Completed(
                reasons.stream().map(FinishReason::wireName).toList(),
                new Counts(
                        usage.inputTokens(), usage.outputTokens(), usage.cachedInputTokens(), usage.reasoningTokens()),
                statement,
                signature);
    }

    /** The reasons; {@code INVALID_REQUEST} if one is unknown. */
    public List<FinishReason> finishReasons() {
        return reasons.stream().map(Completed::reason).toList();
    }

    public Usage tokens() {
        return new Usage(usage.input(), usage.output(), usage.cached(), usage.reasoning());
    }

    private static FinishReason reason(String name) {
        for (FinishReason reason : FinishReason.values()) {
            if (reason.wireName().equals(name)) {
                return reason;
            }
        }
        throw DecentralException.invalid("reasons", "no finish reason of that name");
    }
}
