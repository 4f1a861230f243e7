package org.usedecentral.measure;

import java.util.List;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Sampling;

/** Makes prompts of a wanted length which a model goes on answering for long, none beginning as another does, so that no prefix cache helps. One thread. */
final class Prompts {
    private static final int SAMPLE_WORDS = 200;
    private static final double USUAL_TOKENS_A_WORD = 1.35;
    private static final int USUAL_OVERHEAD = 40;
    private static final String TASK = ". Tell a very long story, with every detail, about: ";
    private static final List<String> WORDS = List.of(
            "river",
            "market",
            "winter",
            "garden",
            "letter",
            "mountain",
            "window",
            "teacher",
            "bridge",
            "morning",
            "kitchen",
            "forest",
            "captain",
            "silver",
            "island",
            "doctor",
            "village",
            "summer",
            "engine",
            "shadow",
            "paper",
            "harbor",
            "music",
            "station",
            "yellow",
            "farmer",
            "travel",
            "stone",
            "evening",
            "picture");

    private final ModelId model;
    private final double overhead;
    private final double tokensAWord;
    private long number;

    private Prompts(ModelId model, double overhead, double tokensAWord) {
        this.model = model;
        this.overhead = overhead;
        this.tokensAWord = tokensAWord;
    }

    /** Learns how many tokens a model makes of words; an engine that cannot count is taken to be as most are. */
    static Prompts of(InferenceBackend backend, ModelId model) {
        Prompts unknown = new Prompts(model, USUAL_OVERHEAD, USUAL_TOKENS_A_WORD);
        try {
            double none = backend.countInputTokens(unknown.request(0, 1));
            double many = backend.countInputTokens(unknown.request(SAMPLE_WORDS, 1));
            return new Prompts(model, none, Math.max(0.1, (many - none) / SAMPLE_WORDS));
        } catch (DecentralException e) {
            if (e.code() == ErrorCode.UNSUPPORTED_FEATURE) {
                return unknown;
            }
            throw e;
        }
    }

    /** For texts that are only embedded. */
    static Prompts passages(ModelId model) {
        return new Prompts(model, USUAL_OVERHEAD, USUAL_TOKENS_A_WORD);
    }

    /** A request that nobody made before; with as few words as there must be where so few tokens are not possible. */
    GenerationRequest next(int promptTokens, int outputTokens) {
        return request((int) Math.max(0, Math.round((promptTokens - overhead) / tokensAWord)), outputTokens);
    }

    private GenerationRequest request(int words, int outputTokens) {
        return GenerationRequest.builder(model, List.of(Message.of(Message.Role.USER, text(words))))
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(outputTokens)
                .build();
    }

    /** Some words that nobody sent before, for embedding. */
    String passage(int promptTokens) {
        return text((int) Math.max(1, promptTokens / USUAL_TOKENS_A_WORD));
    }

    private String text(int words) {
        long mine = number++;
        // Of one length, so that every prompt has as many tokens as the sample.
        StringBuilder text = new StringBuilder().append(1000 + mine % 9000).append(TASK);
        for (int i = 0; i < words; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS.get((int) ((mine * 7 + i * (mine % 5 + 1)) % WORDS.size())));
        }
        return text.toString();
    }
}
