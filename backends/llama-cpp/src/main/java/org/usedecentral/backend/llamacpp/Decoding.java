package org.usedecentral.backend.llamacpp;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.grammar.Expression;
import org.usedecentral.backend.llamacpp.grammar.Grammar;
import org.usedecentral.backend.llamacpp.grammar.GrammarException;
import org.usedecentral.backend.llamacpp.schema.JsonSchema;
import org.usedecentral.backend.llamacpp.schema.SchemaException;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ResponseFormat;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.inference.ToolChoice;

/**
 * What a request asks of decoding, checked and compiled once; it makes the {@link Answer} of each choice. Immutable, made
 * on the caller's thread.
 */
final class Decoding {
    /** What every model can be asked here. */
    static final Set<Feature> FEATURES = Set.of(
            Feature.GRAMMAR,
            Feature.JSON_SCHEMA,
            Feature.TOOLS,
            Feature.LOGPROBS,
            Feature.TOKEN_IDS,
            Feature.PENALTIES,
            Feature.LOGIT_BIAS,
            Feature.MIN_P);

    private static final String FORMAT = "response_format";
    private static final int MAX_ALTERNATIVES = 20;

    private final GenerationRequest request;
    private final Vocabulary vocabulary;
    private final long seed;
    private final @Nullable Grammar grammar;
    /** Where the grammar begins to hold; empty: at the start. */
    private final String marker;

    private final boolean calls;

    private Decoding(GenerationRequest request, Vocabulary vocabulary) {
        this.request = request;
        this.vocabulary = vocabulary;
        this.seed = request.sampling()
                .seed()
                .orElseGet(() -> ThreadLocalRandom.current().nextLong());
        LogitChange.check(request.sampling(), vocabulary.size());
        int top = request.topLogprobs().orElse(0);
        if (top < 0 || top > MAX_ALTERNATIVES) {
            throw DecentralException.invalid("top_logprobs", "top_logprobs must lie in 0 … " + MAX_ALTERNATIVES);
        }
        List<Tool> tools = usableTools(request);
        ResponseFormat.Kind format = request.format().kind();
        boolean forced = isForced(request.toolChoice());
        if (forced && tools.isEmpty()) {
            throw DecentralException.invalid("tool_choice", "tool_choice requires a call, and there are no tools");
        }
        this.calls = !tools.isEmpty();
        boolean free = calls && !forced && format == ResponseFormat.Kind.TEXT;
        this.marker = free ? CallSyntax.MARKER : "";
        if (!calls) {
            this.grammar = format == ResponseFormat.Kind.TEXT ? null : compiled(request.format());
        } else if (forced || free) {
            this.grammar = CallSyntax.grammar(tools, request.toolChoice(), forced);
        } else {
            throw DecentralException.unsupported("response_format beside tools that need not be called")
                    .at(FORMAT);
        }
        if (grammar != null) {
            // Made here, where it delays nobody else.
            vocabulary.table();
        }
    }

    /**
     * Checks a request.
     *
     * @throws DecentralException {@code INVALID_REQUEST} or {@code UNSUPPORTED_FEATURE} at the field that is wrong or
     *     cannot be honoured
     */
    static Decoding of(GenerationRequest request, Vocabulary vocabulary) {
        return new Decoding(request, vocabulary);
    }

    /** The tools that the model is told of. */
    static List<Tool> usableTools(GenerationRequest request) {
        return request.toolChoice().kind() == ToolChoice.Kind.NONE ? List.of() : request.tools();
    }

    private static boolean isForced(ToolChoice choice) {
        return choice.kind() == ToolChoice.Kind.REQUIRED || choice.kind() == ToolChoice.Kind.FUNCTION;
    }

    private static Grammar compiled(ResponseFormat format) {
        try {
            Map<String, Expression> rules = new LinkedHashMap<>();
            return switch (format.kind()) {
                case GRAMMAR -> Grammar.parse(format.definition());
                case JSON_OBJECT -> {
                    rules.put("root", JsonSchema.anyObject(rules));
                    yield Grammar.of(rules, "root");
                }
                case JSON_SCHEMA -> {
                    rules.put("root", JsonSchema.convert(format.definition(), rules, "schema"));
                    yield Grammar.of(rules, "root");
                }
                case TEXT -> throw new IllegalArgumentException("text has no grammar");
            };
        } catch (SchemaException e) {
            throw CallSyntax.refusal(e, FORMAT);
        } catch (GrammarException e) {
            throw DecentralException.invalid(FORMAT, FORMAT + ": " + e.message());
        }
    }

    /** The answer number {@code choice} of at most {@code maxTokens} tokens, at least 1; each draws its own numbers. */
    Answer answer(int choice, int maxTokens) {
        return new Answer(
                choice,
                maxTokens,
                vocabulary,
                new Answer.Parts(
                        new Sampler(request.sampling(), seedOf(choice)),
                        new TextAssembler(request.stop(), calls ? CallSyntax.MARKER : ""),
                        LogitChange.isNeeded(request.sampling())
                                ? LogitChange.of(request.sampling(), vocabulary.size())
                                : null,
                        request.topLogprobs().isPresent()
                                ? new TokenScores(
                                        vocabulary, request.topLogprobs().getAsInt())
                                : null,
                        constraint()));
    }

    private @Nullable Constraint constraint() {
        if (grammar == null) {
            return null;
        }
        Constraint constraint = new Constraint(grammar, vocabulary, marker);
        byte[] delivered = request.resumeFrom().getBytes(StandardCharsets.UTF_8);
        // What was delivered as text holds no call.
        boolean hasCall = calls && request.resumeFrom().contains(CallSyntax.MARKER);
        if (hasCall || (delivered.length > 0 && !constraint.resume(delivered))) {
            throw DecentralException.invalid(
                    "resume_from", "the text to go on from does not fit what the answer may be");
        }
        return constraint;
    }

    /** The first choice draws with the seed as it is, so that it is what a request for one choice gets. */
    private long seedOf(int choice) {
        // SplitMix64's finisher: the samplers step by a constant, from which the seeds must not be a few steps apart.
        long z = seed + choice;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return choice == 0 ? seed : z ^ (z >>> 31);
    }
}
