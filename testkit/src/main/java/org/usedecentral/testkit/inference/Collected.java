package org.usedecentral.testkit.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenStream;
import org.usedecentral.spi.inference.Usage;

/**
 * A generation that was pulled to its end.
 *
 * @param events all but the last
 */
public record Collected(List<GenerationEvent> events, GenerationEvent.Finished end) {
    public Collected {
        events = List.copyOf(events);
    }

    /** Pulls every event, one by one, and closes the stream. */
    public static Collected from(TokenStream stream) throws InterruptedException {
        try (stream) {
            List<GenerationEvent> events = new ArrayList<>();
            while (true) {
                GenerationEvent event = stream.next();
                if (event instanceof GenerationEvent.Finished end) {
                    return new Collected(events, end);
                }
                events.add(event);
            }
        }
    }

    /** Pulls as a worker does: waits for one event, then takes what is there. */
    public static Collected drained(TokenStream stream) throws InterruptedException {
        try (stream) {
            List<GenerationEvent> events = new ArrayList<>();
            while (true) {
                GenerationEvent event = stream.next();
                while (event != null) {
                    if (event instanceof GenerationEvent.Finished end) {
                        return new Collected(events, end);
                    }
                    events.add(event);
                    event = stream.poll();
                }
            }
        }
    }

    /** The text of the first choice, without reasoning and refusal. */
    public String text() {
        return text(0, PartKind.TEXT);
    }

    /** The text of one part of one choice. */
    public String text(int choice, PartKind kind) {
        StringBuilder text = new StringBuilder();
        for (GenerationEvent event : events) {
            if (event instanceof GenerationEvent.TextDelta delta && delta.choice() == choice && delta.kind() == kind) {
                text.append(delta.text());
            }
        }
        return text.toString();
    }

    /** Every choice with all its parts and calls, however the output was cut into events: equal for equal outputs. */
    public List<String> output() {
        return IntStream.range(0, end.reasons().size())
                .mapToObj(choice -> text(choice, PartKind.TEXT)
                        + "\0" + text(choice, PartKind.REASONING)
                        + "\0" + text(choice, PartKind.REFUSAL)
                        + "\0" + calls(choice))
                .toList();
    }

    private String calls(int choice) {
        StringBuilder calls = new StringBuilder();
        for (GenerationEvent event : events) {
            if (event instanceof GenerationEvent.ToolCallDelta delta && delta.choice() == choice) {
                if (delta.name() != null) {
                    calls.append('\0').append(delta.index()).append(delta.name());
                }
                calls.append(delta.arguments());
            }
        }
        return calls.toString();
    }

    /** The tokens that came with events; at most those of the usage, since a token need not show. */
    public int countedTokens() {
        int tokens = 0;
        for (GenerationEvent event : events) {
            tokens += switch (event) {
                case GenerationEvent.TextDelta delta -> delta.tokens();
                case GenerationEvent.ToolCallDelta delta -> delta.tokens();
                case GenerationEvent.Finished _ -> 0;
            };
        }
        return tokens;
    }

    /** The tokens that came with events of one choice. */
    public int countedTokens(int choice) {
        int tokens = 0;
        for (GenerationEvent event : events) {
            tokens += switch (event) {
                case GenerationEvent.TextDelta delta -> delta.choice() == choice ? delta.tokens() : 0;
                case GenerationEvent.ToolCallDelta delta -> delta.choice() == choice ? delta.tokens() : 0;
                case GenerationEvent.Finished _ -> 0;
            };
        }
        return tokens;
    }

    /** Why the first choice ended. */
    public FinishReason reason() {
        return end.reasons().getFirst();
    }

    public Usage usage() {
        return end.usage();
    }
}
