package org.usedecentral.testkit.inference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.ToolChoice;

/** One choice of a scripted generation: applies to its tokens what the request asks for. Guarded by its stream. */
final class ScriptedChoice {
    private final int number;
    private final GenerationRequest request;
    private final Script script;
    private final int limit;
    private final StopFilter filter;
    private final Deque<GenerationEvent> ready = new ArrayDeque<>(2);

    private int at;
    private String delivered;
    private int tokens;
    private int reasoningTokens;
    private int uncounted;
    private boolean called;
    private @Nullable FinishReason reason;

    /** A choice of at most {@code limit} tokens. */
    ScriptedChoice(int number, GenerationRequest request, Script script, int limit) {
        this.number = number;
        this.request = request;
        this.script = script;
        this.limit = limit;
        this.filter = new StopFilter(request.stop());
        this.delivered = request.resumeFrom();
    }

    /** The next step that is not done; null when the script is at its end. */
    Script.@Nullable Step step() {
        return at < script.steps().size() ? script.steps().get(at) : null;
    }

    /** The current step waits no more. */
    void pass() {
        at++;
    }

    /** Takes the next step, which is a token or the end. */
    void advance() {
        Script.Step step = step();
        switch (step) {
            case null -> end(ending());
            case Script.Step.Token token -> {
                at++;
                token(token);
            }
            case Script.Step.Call call -> {
                at++;
                call(call);
            }
            default -> throw new IllegalStateException("the stream waits and fails, not the choice");
        }
        if (reason == null && tokens >= limit) {
            end(FinishReason.LENGTH);
        }
    }

    private FinishReason ending() {
        FinishReason planned = script.ending().reason();
        return planned == FinishReason.TOOL_CALLS && !called ? FinishReason.STOP : planned;
    }

    private void token(Script.Step.Token token) {
        if (token.kind() == PartKind.REASONING) {
            tokens++;
            reasoningTokens++;
            emit(PartKind.REASONING, token.text(), token.text(), 1);
            return;
        }
        if (token.kind() != PartKind.TEXT) {
            tokens++;
            emit(token.kind(), token.text(), token.text(), 1);
            return;
        }
        String text = afterDelivered(token.text());
        if (text.isEmpty() && !token.text().isEmpty()) {
            return;
        }
        tokens++;
        uncounted++;
        String shown = filter.accept(text);
        if (!shown.isEmpty() || filter.stopped()) {
            emit(PartKind.TEXT, shown, text, uncounted);
            uncounted = 0;
        }
        if (filter.stopped()) {
            end(FinishReason.STOP);
        }
    }

    /** Leaves out what an earlier worker delivered, as long as the script says the same. */
    private String afterDelivered(String text) {
        if (delivered.isEmpty()) {
            return text;
        }
        if (delivered.startsWith(text)) {
            delivered = delivered.substring(text.length());
            return "";
        }
        String rest = text.startsWith(delivered) ? text.substring(delivered.length()) : text;
        delivered = "";
        return rest;
    }

    private void call(Script.Step.Call call) {
        if (request.tools().isEmpty() || request.toolChoice().equals(ToolChoice.NONE)) {
            return;
        }
        called = true;
        tokens++;
        ready.add(new GenerationEvent.ToolCallDelta(number, call.index(), call.id(), call.name(), call.arguments(), 1));
    }

    private void end(FinishReason why) {
        if (reason != null) {
            return;
        }
        reason = why;
        String rest = filter.stopped() ? "" : filter.rest();
        if (!rest.isEmpty() || uncounted > 0) {
            emit(PartKind.TEXT, rest, rest, uncounted);
            uncounted = 0;
        }
    }

    private void emit(PartKind kind, String text, String token, int count) {
        List<TokenInfo> info = request.topLogprobs().isPresent() && count > 0 ? info(token, count) : List.of();
        ready.add(new GenerationEvent.TextDelta(number, kind, text, count, info));
    }

    /** Made-up probabilities: the chosen token, then alternatives that are half as likely each time. */
    private List<TokenInfo> info(String token, int count) {
        int top = request.topLogprobs().orElse(0);
        List<TokenInfo> alternatives = IntStream.range(0, top)
                .mapToObj(i -> new TokenInfo(
                        TokenInfo.UNKNOWN_ID, Bytes.utf8(i == 0 ? token : token + i), -0.5 - i, List.of()))
                .toList();
        TokenInfo one = new TokenInfo(TokenInfo.UNKNOWN_ID, Bytes.utf8(token), -0.5, alternatives);
        return IntStream.range(0, count).mapToObj(i -> one).toList();
    }

    @Nullable GenerationEvent poll() {
        return ready.poll();
    }

    /** Why the choice ended; null while it goes on. */
    @Nullable FinishReason reason() {
        return reason;
    }

    int tokens() {
        return tokens;
    }

    int reasoningTokens() {
        return reasoningTokens;
    }
}
