package org.usedecentral.gateway;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;

/** Encodes a generation as the server-sent events of OpenAI's API. One thread; a token of text allocates nothing of its own. */
final class ResponseEncoder {
    private static final byte[] CHOICE = ascii(",\"choices\":[{\"index\":");
    private static final byte[] DELTA = ascii(",\"delta\":{");
    private static final byte[] AFTER_DELTA = ascii("},\"logprobs\":");
    private static final byte[] UNFINISHED = ascii(",\"finish_reason\":null}]");
    private static final byte[] NULL = ascii("null");
    private static final byte[] END_OF_EVENT = ascii("}\n\n");

    private final byte[] head;
    private final boolean includeUsage;
    private final BitSet begun = new BitSet();

    ResponseEncoder(AnswerHead answer, boolean includeUsage) {
        byte[] json = answer.json("chat.completion.chunk");
        byte[] data = ascii("data: ");
        this.head = new byte[data.length + json.length];
        System.arraycopy(data, 0, head, 0, data.length);
        System.arraycopy(json, 0, head, data.length, json.length);
        this.includeUsage = includeUsage;
    }

    /** Appends the chunk of a piece of output; before the first one of a choice, the chunk that names the role. */
    void piece(JsonBytes out, GenerationEvent event) {
        switch (event) {
            case TextDelta text -> text(out, text);
            case ToolCallDelta call -> call(out, call);
            case Finished _ -> throw new IllegalArgumentException("the end is not a piece");
        }
    }

    /** Appends the chunks that end every choice, the receipt on the last of them, then the usage if asked for, and the end mark. */
    void end(JsonBytes out, Finished finished, SignedReceipt receipt) {
        List<FinishReason> reasons = finished.reasons();
        for (int choice = 0; choice < reasons.size(); choice++) {
            begin(out, choice);
            open(out, choice);
            out.raw(AFTER_DELTA).raw(NULL).raw(",\"finish_reason\":\"");
            out.raw(reasons.get(choice).wireName()).raw("\"}]");
            if (choice == reasons.size() - 1) {
                out.raw(",\"decentral\":").raw(ReceiptJson.write(receipt));
            }
            close(out);
        }
        if (includeUsage) {
            out.raw(head).raw(",\"choices\":[],\"usage\":");
            AnswerJson.usage(out, finished.usage());
            out.raw(END_OF_EVENT);
        }
        out.raw("data: [DONE]\n\n");
    }

    /** Appends why the job failed in its middle. OpenAI's clients raise it; no finish reason is invented, and no end mark follows. */
    static void failure(JsonBytes out, DecentralException error) {
        out.raw("data: ")
                .raw(ErrorTable.json(error).getBytes(StandardCharsets.UTF_8))
                .raw("\n\n");
    }

    private void text(JsonBytes out, TextDelta text) {
        begin(out, text.choice());
        open(out, text.choice());
        out.raw(fieldOf(text.kind())).quoted(text.text());
        out.raw(AFTER_DELTA);
        logprobs(out, text.info(), text.kind());
        out.raw(UNFINISHED);
        close(out);
    }

    private static String fieldOf(PartKind kind) {
        return switch (kind) {
            case TEXT -> "\"content\":";
            // Not OpenAI's, but what reasoning models' servers and clients agree on.
            case REASONING -> "\"reasoning_content\":";
            case REFUSAL -> "\"refusal\":";
            case CALL_ID, CALL_NAME, CALL_ARGUMENTS, LOGPROBS, F32 ->
                throw new DecentralException(ErrorCode.INTERNAL, "a text event of kind " + kind);
        };
    }

    private static void logprobs(JsonBytes out, List<TokenInfo> infos, PartKind kind) {
        // OpenAI's API has log probabilities of content and of refusals only.
        if (infos.isEmpty() || kind == PartKind.REASONING) {
            out.raw(NULL);
            return;
        }
        boolean refusal = kind == PartKind.REFUSAL;
        out.raw(refusal ? "{\"content\":null,\"refusal\":" : "{\"content\":");
        AnswerJson.tokens(out, infos);
        out.raw(refusal ? "}" : ",\"refusal\":null}");
    }

    private void call(JsonBytes out, ToolCallDelta call) {
        begin(out, call.choice());
        open(out, call.choice());
        out.raw("\"tool_calls\":[{\"index\":").number(call.index());
        optional(out, ",\"id\":", call.id());
        if (call.id() != null) {
            out.raw(",\"type\":\"function\"");
        }
        out.raw(",\"function\":{");
        if (call.name() != null) {
            out.raw("\"name\":").quoted(call.name()).raw(",");
        }
        out.raw("\"arguments\":").quoted(call.arguments()).raw("}}]");
        out.raw(AFTER_DELTA).raw(NULL).raw(UNFINISHED);
        close(out);
    }

    private static void optional(JsonBytes out, String field, @Nullable String value) {
        if (value != null) {
            out.raw(field).quoted(value);
        }
    }

    private void begin(JsonBytes out, int choice) {
        if (!begun.get(choice)) {
            begun.set(choice);
            open(out, choice);
            out.raw("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null");
            out.raw(AFTER_DELTA).raw(NULL).raw(UNFINISHED);
            close(out);
        }
    }

    private void open(JsonBytes out, int choice) {
        out.raw(head).raw(CHOICE).number(choice).raw(DELTA);
    }

    private void close(JsonBytes out) {
        out.raw(includeUsage ? ",\"usage\":null" : "").raw(END_OF_EVENT);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
