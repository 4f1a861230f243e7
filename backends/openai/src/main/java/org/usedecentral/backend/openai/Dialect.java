package org.usedecentral.backend.openai;

import java.util.EnumSet;
import java.util.Set;
import org.usedecentral.spi.inference.Feature;

/**
 * Whose server it is: what it takes beside OpenAI's API, what it can do for certain, and how it tells the tokens of a prompt. Sources: vLLM's
 * "OpenAI-Compatible Server", llama.cpp's tools/server/README.md, Ollama's docs/openai.md.
 */
enum Dialect {
    /** Anything else: OpenAI's API and nothing beside it. */
    OPENAI("openai", Counting.PROBE),
    /** A gateway of this network. */
    DECENTRAL("decentral", Counting.PROBE),
    VLLM("vllm", Counting.STREAM),
    LLAMA_SERVER("llama-server", Counting.STREAM),
    OLLAMA("ollama", Counting.PROBE);

    private final String configName;
    private final Counting counting;

    Dialect(String configName, Counting counting) {
        this.configName = configName;
        this.counting = counting;
    }

    String configName() {
        return configName;
    }

    /** How the prompt's tokens are learnt unless configured otherwise. */
    Counting counting() {
        return counting;
    }

    /** What every model behind such a server can do; more only when the operator says so. */
    Set<Feature> features() {
        return switch (this) {
            case OPENAI, DECENTRAL -> EnumSet.of(Feature.GENERATE);
            case VLLM ->
                EnumSet.of(
                        Feature.GENERATE,
                        Feature.CONTINUOUS_BATCHING,
                        Feature.MULTIPLE_CHOICES,
                        Feature.LOGPROBS,
                        Feature.PENALTIES,
                        Feature.LOGIT_BIAS,
                        Feature.MIN_P,
                        Feature.JSON_SCHEMA);
            case LLAMA_SERVER ->
                EnumSet.of(
                        Feature.GENERATE,
                        Feature.CONTINUOUS_BATCHING,
                        Feature.PREFIX_CACHING,
                        Feature.LOGPROBS,
                        Feature.PENALTIES,
                        Feature.LOGIT_BIAS,
                        Feature.MIN_P,
                        Feature.GRAMMAR,
                        Feature.JSON_SCHEMA);
            case OLLAMA -> EnumSet.of(Feature.GENERATE, Feature.PENALTIES, Feature.JSON_SCHEMA);
        };
    }

    /** Whether {@code top_k} is obeyed: elsewhere it is refused, since it would be dropped. */
    boolean takesTopK() {
        return this == VLLM || this == LLAMA_SERVER || this == DECENTRAL;
    }

    /** Whether a path beside the completions counts a prompt without generating. */
    boolean countsTokens() {
        return this == VLLM || this == LLAMA_SERVER;
    }

    /** Whether the server can go on from assistant text. */
    boolean canResume() {
        return this == VLLM || this == LLAMA_SERVER;
    }

    /** Recognises a server by the owner that it gives its models. */
    static Dialect ofOwner(String owner) {
        return switch (owner) {
            case "vllm" -> VLLM;
            case "llamacpp" -> LLAMA_SERVER;
            case "library" -> OLLAMA;
            case "decentral" -> DECENTRAL;
            default -> OPENAI;
        };
    }
}
