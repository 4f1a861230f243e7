package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Tool;

/**
 * Learns how many tokens the prompt of one request has. OpenAI's streams tell it last, and here it is owed with the first event: input is billed.
 * One thread asks; {@link #close} may come from another.
 */
final class InputCounter implements AutoCloseable {
    private static final int BYTES_A_TOKEN = 5;

    private final Upstream upstream;
    private final ServedModel model;
    private final RequestWriter writer;
    private final GenerationRequest request;
    private @Nullable Exchange running;
    private boolean closed;

    InputCounter(Upstream upstream, ServedModel model, RequestWriter writer, GenerationRequest request) {
        this.upstream = upstream;
        this.model = model;
        this.writer = writer;
        this.request = request;
    }

    /** Before the answer is asked for; 0 if its first chunk is to tell. */
    int countFirst() throws InterruptedException {
        return model.counting() == Counting.STREAM ? 0 : count();
    }

    /** Asks, whatever it costs; never 0. */
    int count() throws InterruptedException {
        if (model.counting() == Counting.ESTIMATE) {
            return estimate();
        }
        int tokens = model.counting() == Counting.PROBE ? -1 : countByPath();
        return tokens > 0 ? tokens : probe();
    }

    /**
     * By the server's own path, which generates nothing; -1 if it has none.
     *
     * @throws DecentralException what the server says of the request
     */
    int countByPath() throws InterruptedException {
        if (!model.dialect().countsTokens() || !model.learnt().hasCountingPath()) {
            return -1;
        }
        ObjectNode body = writer.prompt(request);
        boolean vllm = model.dialect() == Dialect.VLLM;
        Exchange exchange = upstream.post(
                vllm ? upstream.atRoot("/tokenize") : upstream.below("/chat/completions/input_tokens"),
                UpstreamJson.write(body),
                "application/json");
        try {
            JsonNode answer = upstream.json(exchange, this::began);
            return known(UpstreamJson.count(answer, vllm ? "count" : "input_tokens"));
        } catch (DecentralException e) {
            if (e.code() == ErrorCode.MODEL_NOT_FOUND || e.code() == ErrorCode.UNSUPPORTED_FEATURE) {
                model.learnt().lacksCountingPath();
                return -1;
            }
            throw e;
        }
    }

    private int probe() throws InterruptedException {
        Exchange exchange = upstream.post(
                upstream.below("/chat/completions"), UpstreamJson.write(writer.probe(request)), "application/json");
        JsonNode usage = upstream.json(exchange, this::began).get("usage");
        return known(usage == null ? -1 : UpstreamJson.count(usage, "prompt_tokens"));
    }

    private static int known(int tokens) {
        if (tokens < 1) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the upstream server does not say how many tokens a prompt has: set token-counting: estimate, or use"
                            + " another server");
        }
        return tokens;
    }

    private int estimate() {
        long bytes = bytes(request.resumeFrom());
        for (Message message : request.messages()) {
            bytes += bytes(message.text());
            for (Message.ToolCall call : message.toolCalls()) {
                bytes += bytes(call.arguments());
            }
        }
        for (Tool tool : request.tools()) {
            bytes += bytes(tool.parametersSchema()) + bytes(tool.description());
        }
        return Math.clamp(bytes / BYTES_A_TOKEN, 1, Integer.MAX_VALUE);
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private synchronized void began(Exchange exchange) {
        running = exchange;
        if (closed) {
            exchange.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (running != null) {
            running.close();
        }
    }
}
