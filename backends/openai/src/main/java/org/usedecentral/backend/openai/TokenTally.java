package org.usedecentral.backend.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Usage;

/**
 * Counts the tokens of one answer from what the server says of them: on each chunk (vLLM's continuous usage, llama-server's timings), or at the
 * end. Without the former a chunk with output counts as one token. One thread.
 */
final class TokenTally {
    private static final Logger LOG = System.getLogger(TokenTally.class.getName());

    private final ServedModel model;
    private final int most;
    private int input;
    private int cached;
    private int reasoning;
    private int stated = -1;
    private int counted;
    private boolean exact;

    TokenTally(ServedModel model, GenerationRequest request) {
        this.model = model;
        int choice =
                request.maxOutputTokens() == 0 ? model.card().limits().maxOutputTokens() : request.maxOutputTokens();
        this.most = (int) Math.min(Integer.MAX_VALUE, (long) choice * request.choices());
    }

    /** Reads what a chunk says of tokens; {@code hasOutput} is false for the one after the output. */
    void read(JsonNode chunk, boolean hasOutput) {
        JsonNode usage = chunk.get("usage");
        JsonNode timings = chunk.get("timings");
        if (usage != null && usage.isObject()) {
            readUsage(usage, hasOutput);
        } else if (timings != null && timings.isObject()) {
            readTimings(timings, hasOutput);
        }
    }

    private void readUsage(JsonNode usage, boolean hasOutput) {
        prompt(UpstreamJson.count(usage, "prompt_tokens"));
        state(UpstreamJson.count(usage, "completion_tokens"), hasOutput);
        cached = Math.max(cached, detail(usage, "prompt_tokens_details", "cached_tokens"));
        reasoning = Math.max(reasoning, detail(usage, "completion_tokens_details", "reasoning_tokens"));
    }

    private static int detail(JsonNode usage, String object, String field) {
        JsonNode details = usage.get(object);
        return details == null ? 0 : UpstreamJson.count(details, field);
    }

    /** llama-server: {@code prompt_n} were read, {@code cache_n} were there already, {@code predicted_n} were generated. */
    private void readTimings(JsonNode timings, boolean hasOutput) {
        int fresh = UpstreamJson.count(timings, "prompt_n");
        int kept = Math.max(0, UpstreamJson.count(timings, "cache_n"));
        if (fresh >= 0) {
            prompt(fresh + kept);
            cached = Math.max(cached, kept);
        }
        state(UpstreamJson.count(timings, "predicted_n"), hasOutput);
    }

    private void prompt(int tokens) {
        if (input == 0 && tokens > 0) {
            input = tokens;
        }
    }

    private void state(int tokens, boolean hasOutput) {
        if (tokens >= 0) {
            stated = Math.max(stated, tokens);
            exact |= hasOutput;
        }
    }

    /** Tokens of the prompt; 0: not known yet. */
    int input() {
        return input;
    }

    /** Tells what was learnt elsewhere. What the client was told first stands. */
    void knowInput(int tokens) {
        prompt(tokens);
    }

    /** How many tokens a chunk with output adds. */
    int add() {
        int more = exact ? stated - counted : model.learnt().chunksAreTokens() ? 1 : 0;
        return addExactly(Math.max(0, more));
    }

    /** Adds {@code tokens}, or what the limit leaves of them. */
    int addExactly(int tokens) {
        int more = Math.min(tokens, most - counted);
        counted += more;
        return more;
    }

    /** The whole, when the answer has ended: as the server says, but never more than was asked for or less than was passed on. */
    Usage usage() {
        if (stated >= 0 && stated < counted && model.learnt().chunksExceedTokens()) {
            LOG.log(
                    Level.WARNING,
                    "model {0}: the upstream server sends more chunks than tokens; from now on they are counted at the end",
                    model.card().id());
        }
        int output = Math.clamp(stated, counted, most);
        // A server may cache although its operator does not promise it: what is not listed is not reported.
        boolean caches = model.card().features().contains(Feature.PREFIX_CACHING);
        return new Usage(input, output, caches ? Math.min(cached, input) : 0, Math.min(Math.max(0, reasoning), output));
    }
}
