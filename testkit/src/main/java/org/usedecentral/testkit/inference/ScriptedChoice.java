package org.usedecentral.testkit.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.StopFilter;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.ToolChoice;

/** One choice of a scripted generation: applies to its tokens what the request asks for. Guarded by its stream. */
final class ScriptedChoice {
    /** A bias beyond which no probability matters. */
    private static final double SURE = 100;

    private final int number;
    private final GenerationRequest request;
    private final Script script;
    private final int limit;
    private final Voice voice;
    private final StopFilter filter;
    private final Set<String> said = new HashSet<>();
    private final List<TokenInfo> pendingInfos = new ArrayList<>();
    private final Deque<GenerationEvent> ready = new ArrayDeque<>(2);

    private int at;
    private String delivered;
    private int tokens;
    private int reasoningTokens;
    private int uncounted;
    private boolean called;
    private @Nullable FinishReason reason;

    /**
     * How a model's tokens look.
     *
     * @param ids whether their ids are shown
     */
    record Voice(Vocabulary vocabulary, boolean ids, int limit) {}

    /** A choice of at most {@code voice.limit()} tokens. */
    ScriptedChoice(int number, GenerationRequest request, Script script, Voice voice) {
        this.number = number;
        this.voice = voice;
        this.request = request;
        this.script = script;
        this.limit = voice.limit();
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
        if (token.kind() != PartKind.TEXT) {
            tokens++;
            reasoningTokens += token.kind() == PartKind.REASONING ? 1 : 0;
            String thought = biased(token.text());
            note(thought);
            emit(token.kind(), thought, 1);
            return;
        }
        String text = afterDelivered(token.text());
        if ((text.isEmpty() && !token.text().isEmpty()) || isPenalised(text)) {
            return;
        }
        text = biased(text);
        tokens++;
        uncounted++;
        note(text);
        String shown = filter.accept(text);
        if (!shown.isEmpty() || filter.stopped()) {
            emit(PartKind.TEXT, shown, uncounted);
            uncounted = 0;
        }
        if (filter.stopped()) {
            end(FinishReason.STOP);
        }
    }

    /** Whether the text was said before and repeating it is penalised: then it is not said again. */
    private boolean isPenalised(String text) {
        boolean penalised =
                request.sampling().presencePenalty() > 0 || request.sampling().frequencyPenalty() > 0;
        return !said.add(text.strip()) && penalised;
    }

    /** A token forced or banned by its bias; smaller ones do not matter, since the script is far more likely than anything else. */
    private String biased(String text) {
        Map<Integer, Double> bias = request.sampling().logitBias();
        for (Map.Entry<Integer, Double> entry : bias.entrySet()) {
            if (entry.getValue() >= SURE) {
                return voice.vocabulary().text(entry.getKey());
            }
        }
        String chosen = text;
        while (bias.getOrDefault(voice.vocabulary().id(chosen), 0.0) <= -SURE) {
            chosen += "~";
        }
        return chosen;
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
        String rest = filter.rest();
        if (!rest.isEmpty() || uncounted > 0) {
            emit(PartKind.TEXT, rest, uncounted);
            uncounted = 0;
        }
    }

    private void emit(PartKind kind, String text, int count) {
        ready.add(new GenerationEvent.TextDelta(number, kind, text, count, pendingInfos));
        pendingInfos.clear();
    }

    /** Made-up probabilities: the chosen token, then alternatives that are less likely each time. */
    private void note(String token) {
        if (request.topLogprobs().isEmpty()) {
            return;
        }
        List<TokenInfo> alternatives = IntStream.range(0, request.topLogprobs().getAsInt())
                .mapToObj(i -> info(i == 0 ? token : token + i, -0.5 - i, List.of()))
                .toList();
        pendingInfos.add(info(token, -0.5, alternatives));
    }

    private TokenInfo info(String token, double logProbability, List<TokenInfo> alternatives) {
        int id = voice.ids() ? voice.vocabulary().id(token) : TokenInfo.UNKNOWN_ID;
        return new TokenInfo(id, Bytes.utf8(token), logProbability, alternatives);
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
