package org.usedecentral.orchestrator;

import java.util.Map;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelLimits;
import org.usedecentral.spi.inference.Tool;
import org.usedecentral.spi.protocol.TokenPrices;

/**
 * Ceiling prices, and how much of a model a request may use at most.
 *
 * @param ceilings for models that have their own
 * @param otherwise for every other model
 * @param defaultOutputTokens for requests that do not say
 */
record Pricing(Map<ModelId, TokenPrices> ceilings, TokenPrices otherwise, int defaultOutputTokens) {
    private static final int TOKENS_A_MESSAGE = 8;

    Pricing {
        ceilings = Map.copyOf(ceilings);
    }

    /** The caps that go into a job's terms, and the output tokens that a choice may have. */
    record Bound(int inputCap, int outputCap, int maxOutputTokens) {}

    TokenPrices ceiling(ModelId model) {
        return ceilings.getOrDefault(model, otherwise);
    }

    /**
     * The most a request may use (docs/protocol.md, section 2): a token is at least one byte of UTF-8, so bytes bound tokens.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it asks for more than the model gives, {@code CONTEXT_TOO_LONG} if no bound fits 31 bits
     */
    Bound bound(GenerationRequest request, ModelLimits limits) {
        int wanted = request.maxOutputTokens();
        if (wanted > limits.maxOutputTokens()) {
            throw DecentralException.invalid(
                    "max_tokens",
                    "max_tokens is too large: " + wanted + "; model " + request.model() + " gives at most "
                            + limits.maxOutputTokens());
        }
        int output = wanted == 0 ? Math.min(defaultOutputTokens, limits.maxOutputTokens()) : wanted;
        try {
            int input = Math.toIntExact(promptBytes(request)
                    + (long) TOKENS_A_MESSAGE * request.messages().size()
                    + limits.templateOverheadTokens());
            return new Bound(input, Math.multiplyExact(request.choices(), output), output);
        } catch (ArithmeticException e) {
            throw new DecentralException(ErrorCode.CONTEXT_TOO_LONG, "the request is too large", e);
        }
    }

    private static long promptBytes(GenerationRequest request) {
        long bytes = 0;
        for (Message message : request.messages()) {
            String name = message.name();
            bytes += utf8(message.text()) + (name == null ? 0 : utf8(name));
            for (Message.ToolCall call : message.toolCalls()) {
                bytes += utf8(call.name()) + utf8(call.arguments());
            }
        }
        for (Tool tool : request.tools()) {
            bytes += utf8(tool.name()) + utf8(tool.description()) + utf8(tool.parametersSchema());
        }
        return bytes;
    }

    private static long utf8(String text) {
        return Bytes.utf8(text).length();
    }
}
