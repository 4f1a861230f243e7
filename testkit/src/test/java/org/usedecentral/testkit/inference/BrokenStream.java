package org.usedecentral.testkit.inference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;

/** A stream that keeps every rule but one. */
final class BrokenStream implements TokenStream {
    private static final String DUCK = "🦆";

    private final TokenStream sound;
    private final GenerationRequest request;
    private final Defect defect;
    private final Deque<GenerationEvent> ready = new ArrayDeque<>();
    private boolean ended;

    BrokenStream(TokenStream sound, GenerationRequest request, Defect defect) {
        this.sound = sound;
        this.request = request;
        this.defect = defect;
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
        GenerationEvent event = ready.poll();
        if (event != null) {
            return event;
        }
        if (ended && defect == Defect.GOES_ON_AFTER_THE_END) {
            return text("more");
        }
        bend(sound.next());
        return ready.remove();
    }

    @Override
    public @Nullable GenerationEvent poll() {
        GenerationEvent event = ready.poll();
        if (event == null) {
            GenerationEvent next = sound.poll();
            if (next == null) {
                return null;
            }
            bend(next);
            event = ready.remove();
        }
        return event;
    }

    private static GenerationEvent text(String text) {
        return new GenerationEvent.TextDelta(0, PartKind.TEXT, text, 0, List.of());
    }

    private void bend(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.TextDelta delta -> bend(delta);
            case GenerationEvent.ToolCallDelta delta -> bend(delta);
            case GenerationEvent.Finished end -> {
                ended = true;
                Usage usage = end.usage();
                Usage claimed = switch (defect) {
                    case FORGETS_INPUT -> new Usage(0, usage.outputTokens());
                    case NEVER_CACHES ->
                        new Usage(usage.inputTokens(), usage.outputTokens(), 0, usage.reasoningTokens());
                    case CACHES_UNLISTED -> new Usage(usage.inputTokens(), usage.outputTokens(), 1, 0);
                    default -> usage;
                };
                ready.add(new GenerationEvent.Finished(end.reasons(), claimed));
            }
        }
    }

    private void bend(GenerationEvent.TextDelta delta) {
        switch (defect) {
            case HIDES_IDS ->
                ready.add(new GenerationEvent.TextDelta(
                        delta.choice(),
                        delta.kind(),
                        delta.text(),
                        delta.tokens(),
                        delta.info().stream().map(BrokenStream::hidden).toList()));
            case SPLITS_CHARACTERS -> {
                ready.add(text(DUCK.substring(0, 1)));
                ready.add(text(DUCK.substring(1)));
                ready.add(delta);
            }
            case COUNTS_TOO_MANY ->
                ready.add(new GenerationEvent.TextDelta(
                        delta.choice(), delta.kind(), delta.text(), delta.tokens() + 1, delta.info()));
            default -> ready.add(delta);
        }
    }

    private static TokenInfo hidden(TokenInfo info) {
        return new TokenInfo(TokenInfo.UNKNOWN_ID, info.bytes(), info.logProbability(), info.alternatives());
    }

    private void bend(GenerationEvent.ToolCallDelta delta) {
        switch (defect) {
            case REPEATS_CALL_IDS -> {
                ready.add(delta);
                if (delta.id() != null) {
                    ready.add(new GenerationEvent.ToolCallDelta(delta.choice(), 1, delta.id(), delta.name(), "{}", 0));
                }
            }
            case CUTS_ARGUMENTS -> {
                String arguments = delta.id() == null ? "" : delta.arguments();
                ready.add(new GenerationEvent.ToolCallDelta(
                        delta.choice(), delta.index(), delta.id(), delta.name(), arguments, delta.tokens()));
            }
            default -> ready.add(delta);
        }
    }

    @Override
    public int inputTokens() {
        return sound.inputTokens();
    }

    @Override
    public void close() {
        // Requests with a limit end by themselves, so that the test of this defect does too.
        if (defect != Defect.IGNORES_CLOSE || request.maxOutputTokens() > 0) {
            sound.close();
        }
    }
}
