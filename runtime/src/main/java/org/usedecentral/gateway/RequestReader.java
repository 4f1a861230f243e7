package org.usedecentral.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Sampling;
import org.usedecentral.spi.protocol.Sha256;

/**
 * Reads the body of a chat completion. Every parameter is honoured, refused by its name, or without effect by its nature; none is dropped.
 * Stateless.
 */
final class RequestReader {
    private static final int MAX_STOPS = 16;
    private static final int MAX_BIASES = 1_024;
    private static final int MAX_TOP_LOGPROBS = 20;
    private static final int MAX_METADATA = 16;
    private static final int MAX_LABEL = 512;
    private static final Pattern TOKEN_ID = Pattern.compile("0|[1-9][0-9]{0,8}");

    private RequestReader() {}

    /**
     * Reads a body.
     *
     * @throws org.usedecentral.spi.DecentralException {@code INVALID_REQUEST} or {@code UNSUPPORTED_FEATURE}, naming the parameter
     */
    static ChatRequest read(byte[] body) {
        RequestFields fields = RequestFields.ofBody(JsonText.parse(body));
        GenerationRequest generation = generation(fields);
        boolean stream = fields.flag("stream");
        boolean includeUsage = includeUsage(fields, stream);
        readEffectless(fields);
        refuseUnsupported(fields);
        fields.end();
        return new ChatRequest(generation, stream, includeUsage, Sha256.of(Bytes.of(body)));
    }

    private static GenerationRequest generation(RequestFields fields) {
        ModelId model = model(fields);
        List<Message> messages = MessageReader.read(fields);
        ToolReader.Tools tools = ToolReader.read(fields);
        return GenerationRequest.builder(model, messages)
                .sampling(sampling(fields))
                .maxOutputTokens(maxOutputTokens(fields))
                .stop(stop(fields))
                .choices((int) fields.integer("n", 1, 128).orElse(1))
                .format(ToolReader.format(fields))
                .tools(tools.tools(), tools.choice())
                .topLogprobs(topLogprobs(fields))
                .build();
    }

    private static ModelId model(RequestFields fields) {
        String name = fields.text("model");
        try {
            return new ModelId(name);
        } catch (IllegalArgumentException e) {
            throw RequestFields.wrong("model", "is " + e.getMessage());
        }
    }

    /** {@code top_k} and {@code min_p} are not OpenAI's, but common. */
    private static Sampling sampling(RequestFields fields) {
        Sampling.Builder sampling = Sampling.builder();
        fields.number("temperature").ifPresent(sampling::temperature);
        fields.number("top_p").ifPresent(sampling::topP);
        fields.integer("top_k", 0, 1_000_000).ifPresent(value -> sampling.topK((int) value));
        fields.number("min_p").ifPresent(sampling::minP);
        fields.number("presence_penalty").ifPresent(sampling::presencePenalty);
        fields.number("frequency_penalty").ifPresent(sampling::frequencyPenalty);
        fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE).ifPresent(sampling::seed);
        fields.object("logit_bias").ifPresent(biases -> sampling.logitBias(logitBias(fields.need("logit_bias"))));
        return sampling.build();
    }

    private static Map<Integer, Double> logitBias(JsonNode node) {
        if (node.size() > MAX_BIASES) {
            throw RequestFields.wrong("logit_bias", "must have at most " + MAX_BIASES + " entries");
        }
        Map<Integer, Double> biases = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            JsonNode bias = entry.getValue();
            if (!TOKEN_ID.matcher(entry.getKey()).matches()
                    || !bias.isNumber()
                    || !(Math.abs(bias.doubleValue()) <= 100)) {
                throw RequestFields.wrong("logit_bias", "must map token ids to numbers in -100 … 100");
            }
            biases.put(Integer.valueOf(entry.getKey()), bias.doubleValue());
        }
        return biases;
    }

    private static int maxOutputTokens(RequestFields fields) {
        OptionalLong older = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
        OptionalLong newer = fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
        if (older.isPresent() && newer.isPresent() && !older.equals(newer)) {
            throw RequestFields.wrong("max_tokens", "and max_completion_tokens differ: send one of them");
        }
        return (int) newer.orElse(older.orElse(0));
    }

    private static List<String> stop(RequestFields fields) {
        JsonNode value = fields.find("stop");
        if (value != null && !value.isTextual() && !value.isArray()) {
            throw RequestFields.wrong("stop", "must be a string or an array of strings");
        }
        return value != null && value.isTextual()
                ? List.of(fields.text("stop"))
                : fields.list("stop", MAX_STOPS, RequestFields.Item::text);
    }

    private static OptionalInt topLogprobs(RequestFields fields) {
        boolean wanted = fields.flag("logprobs");
        OptionalLong top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
        if (top.isPresent() && !wanted) {
            throw RequestFields.wrong("top_logprobs", "needs logprobs to be true");
        }
        return wanted ? OptionalInt.of((int) top.orElse(0)) : OptionalInt.empty();
    }

    private static boolean includeUsage(RequestFields fields, boolean stream) {
        return fields.object("stream_options")
                .map(options -> {
                    if (!stream) {
                        throw RequestFields.wrong("stream_options", "needs stream to be true");
                    }
                    boolean includeUsage = options.flag("include_usage");
                    if (options.flag("include_obfuscation")) {
                        throw RequestFields.unsupportedAt(
                                "stream_options.include_obfuscation", "stream_options.include_obfuscation");
                    }
                    options.end();
                    return includeUsage;
                })
                .orElse(false);
    }

    /** Labels and hints, which change no answer: their form is checked, and that is all. */
    private static void readEffectless(RequestFields fields) {
        for (String label :
                List.of("user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier")) {
            fields.optionalText(label).filter(text -> text.length() > MAX_LABEL).ifPresent(text -> {
                throw RequestFields.wrong(label, "must have at most " + MAX_LABEL + " characters");
            });
        }
        fields.optionalText("service_tier")
                .filter(tier -> !tier.equals("auto") && !tier.equals("default"))
                .ifPresent(tier -> {
                    throw RequestFields.unsupportedAt("service_tier", "a service_tier other than auto and default");
                });
        fields.object("metadata").ifPresent(metadata -> {
            JsonNode node = fields.need("metadata");
            if (node.size() > MAX_METADATA || !node.valueStream().allMatch(JsonNode::isTextual)) {
                throw RequestFields.wrong("metadata", "must map at most " + MAX_METADATA + " names to strings");
            }
        });
    }

    private static void refuseUnsupported(RequestFields fields) {
        if (fields.flag("store")) {
            throw RequestFields.unsupportedAt("store", "store: a gateway keeps no prompts and answers, so true");
        }
        for (String modality : fields.list("modalities", 8, RequestFields.Item::text)) {
            if (!modality.equals("text")) {
                throw RequestFields.unsupportedAt("modalities", "a modality other than text");
            }
        }
        for (String name : List.of(
                "audio",
                "function_call",
                "functions",
                "prediction",
                "reasoning_effort",
                "verbosity",
                "web_search_options")) {
            fields.unsupported(name);
        }
    }
}
