package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;

/** Turns {@code chat.completion.chunk} objects into events. What it does not understand ends the answer with an error. One thread. */
final class ChunkReader {
    private static final int MAX_INFOS = 4_096;
    private static final int MAX_ALTERNATIVES = 20;

    private final TokenTally tally;
    private final boolean withInfo;
    private final Choice[] choices;

    /** What is known of one choice. */
    private static final class Choice {
        final ChoiceText text = new ChoiceText();
        final ChoiceCalls calls;

        @Nullable FinishReason reason;

        Choice(int index) {
            this.calls = new ChoiceCalls(index);
        }
    }

    ChunkReader(GenerationRequest request, TokenTally tally) {
        this.tally = tally;
        this.withInfo = request.topLogprobs().isPresent();
        this.choices = new Choice[request.choices()];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = new Choice(i);
        }
    }

    /**
     * Reads a chunk and adds its events.
     *
     * @throws DecentralException {@code UNAVAILABLE} if it is malformed, or the error it carries
     */
    void read(JsonNode chunk, Queue<GenerationEvent> events) {
        JsonNode error = chunk.get("error");
        if ((error != null && !error.isNull()) || "error".equals(UpstreamJson.text(chunk, "object"))) {
            throw UpstreamErrors.inBand(chunk);
        }
        JsonNode items = chunk.get("choices");
        if (items == null || !items.isArray()) {
            throw UpstreamJson.malformed("has a chunk without choices");
        }
        tally.read(chunk, !items.isEmpty());
        List<GenerationEvent> pieces = new ArrayList<>(1);
        for (JsonNode item : items) {
            choice(item, pieces);
        }
        if (withInfo) {
            pieces.forEach(piece -> events.add(withTokens(piece, infosOf(piece))));
        } else if (!pieces.isEmpty()) {
            events.add(withTokens(pieces.getFirst(), tally.add()));
            events.addAll(pieces.subList(1, pieces.size()));
        }
    }

    /** When log probabilities were asked for they are one a token, and so count the tokens. */
    private int infosOf(GenerationEvent piece) {
        if (!(piece instanceof TextDelta text)) {
            return 0;
        }
        int tokens = text.info().size();
        if (tally.addExactly(tokens) < tokens) {
            throw UpstreamJson.malformed("has more tokens than were asked for");
        }
        return tokens;
    }

    private static GenerationEvent withTokens(GenerationEvent piece, int tokens) {
        return switch (piece) {
            case TextDelta d -> new TextDelta(d.choice(), d.kind(), d.text(), tokens, d.info());
            case ToolCallDelta d -> new ToolCallDelta(d.choice(), d.index(), d.id(), d.name(), d.arguments(), tokens);
            case Finished end -> end;
        };
    }

    private void choice(JsonNode item, List<GenerationEvent> pieces) {
        int index = Math.max(0, UpstreamJson.count(item, "index"));
        if (index >= choices.length) {
            throw UpstreamJson.malformed("has a choice that was not asked for");
        }
        Choice choice = choices[index];
        int before = pieces.size();
        JsonNode delta = item.get("delta");
        if (delta != null && delta.isObject()) {
            List<TokenInfo> infos = withInfo ? infos(item.get("logprobs")) : List.of();
            infos = text(index, PartKind.REASONING, reasoning(delta), infos, pieces);
            infos = text(index, PartKind.TEXT, UpstreamJson.text(delta, "content"), infos, pieces);
            infos = text(index, PartKind.REFUSAL, UpstreamJson.text(delta, "refusal"), infos, pieces);
            calls(choice, delta.get("tool_calls"), pieces);
            if (!infos.isEmpty() && pieces.size() == before) {
                pieces.add(new TextDelta(index, PartKind.TEXT, "", 0, infos));
            }
        }
        if (choice.reason != null && pieces.size() > before) {
            throw UpstreamJson.malformed("goes on after its end");
        }
        finish(choice, item.get("finish_reason"));
    }

    /** vLLM and llama-server call it {@code reasoning_content}, Ollama and newer vLLM {@code reasoning}. */
    private static @Nullable String reasoning(JsonNode delta) {
        String text = UpstreamJson.text(delta, "reasoning_content");
        return text == null ? UpstreamJson.text(delta, "reasoning") : text;
    }

    /** Adds a piece of text; returns the infos that still have none to stand on. */
    private List<TokenInfo> text(
            int index, PartKind kind, @Nullable String text, List<TokenInfo> infos, List<GenerationEvent> pieces) {
        if (text == null || text.isEmpty()) {
            return infos;
        }
        pieces.add(new TextDelta(index, kind, choices[index].text.whole(kind, text), 0, infos));
        return List.of();
    }

    private static void calls(Choice choice, @Nullable JsonNode calls, List<GenerationEvent> pieces) {
        if (calls != null && calls.isArray()) {
            for (JsonNode call : calls) {
                pieces.add(choice.calls.read(call));
            }
        }
    }

    private static void finish(Choice choice, @Nullable JsonNode given) {
        if (given == null || given.isNull()) {
            return;
        }
        FinishReason reason = null;
        for (FinishReason known : FinishReason.values()) {
            if (known.wireName().equals(given.asText())) {
                reason = known;
            }
        }
        if (reason == null) {
            throw UpstreamJson.malformed("ends for a reason that is not OpenAI's: the generation failed there");
        }
        if (choice.reason != null && choice.reason != reason) {
            throw UpstreamJson.malformed("ends for two reasons");
        }
        choice.reason = reason;
    }

    private static List<TokenInfo> infos(@Nullable JsonNode logprobs) {
        if (logprobs == null || !logprobs.isObject()) {
            return List.of();
        }
        List<TokenInfo> infos = new ArrayList<>(1);
        for (String part : List.of("content", "refusal")) {
            JsonNode items = logprobs.get(part);
            if (items != null && items.isArray()) {
                for (JsonNode item : items) {
                    infos.add(info(item, alternatives(item.get("top_logprobs"))));
                }
            }
        }
        if (infos.size() > MAX_INFOS) {
            throw UpstreamJson.malformed("has too many log probabilities in a chunk");
        }
        return infos;
    }

    private static List<TokenInfo> alternatives(@Nullable JsonNode items) {
        List<TokenInfo> alternatives = new ArrayList<>();
        if (items != null && items.isArray()) {
            for (JsonNode item : items) {
                if (alternatives.size() < MAX_ALTERNATIVES) {
                    alternatives.add(info(item, List.of()));
                }
            }
        }
        return alternatives;
    }

    private static TokenInfo info(JsonNode item, List<TokenInfo> alternatives) {
        JsonNode value = item.get("logprob");
        String token = UpstreamJson.text(item, "token");
        if (value == null || !value.isNumber() || token == null) {
            throw UpstreamJson.malformed("has a log probability without a token or a number");
        }
        // Rounding makes some servers say a hair more than certain.
        double probability = Math.min(0, value.doubleValue());
        return new TokenInfo(TokenInfo.UNKNOWN_ID, bytes(item.get("bytes"), token), probability, alternatives);
    }

    private static Bytes bytes(@Nullable JsonNode bytes, String token) {
        if (bytes == null || !bytes.isArray()) {
            return Bytes.utf8(ChoiceText.repaired(token));
        }
        byte[] raw = new byte[bytes.size()];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) bytes.get(i).asInt();
        }
        return Bytes.of(raw);
    }

    /** True when every choice has said why it ended. */
    boolean hasEnded() {
        for (Choice choice : choices) {
            if (choice.reason == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * The end, when the server says no more.
     *
     * @throws DecentralException {@code UNAVAILABLE} if a choice is without its reason
     */
    Finished end() {
        List<FinishReason> reasons = new ArrayList<>(choices.length);
        if (!hasEnded()) {
            throw UpstreamJson.malformed("stops in the middle of the answer");
        }
        for (Choice choice : choices) {
            reasons.add(Objects.requireNonNull(choice.reason));
        }
        return new Finished(reasons, tally.usage());
    }
}
