package org.usedecentral.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.usedecentral.receipt.Expectations;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;

/** Puts an answer together from the chunks of a stream. One thread. */
final class AnswerReader {
    private final Consumer<String> text;
    private final List<Expectations.Piece> pieces = new ArrayList<>();
    private @Nullable String finishReason;
    private @Nullable Bytes receipt;
    private boolean done;

    AnswerReader(Consumer<String> text) {
        this.text = text;
    }

    /** Takes the data of one event. */
    void accept(String data, JsonMapper mapper) {
        if (data.equals("[DONE]")) {
            done = true;
            return;
        }
        JsonNode chunk;
        try {
            chunk = mapper.readTree(data);
        } catch (JsonProcessingException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the gateway sent an event that is not JSON", e);
        }
        if (chunk.has("error")) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the answer broke off: "
                            + chunk.path("error").path("message").asText());
        }
        for (JsonNode choice : chunk.path("choices")) {
            JsonNode delta = choice.path("delta");
            piece(PartKind.TEXT, delta.path("content"));
            piece(PartKind.REASONING, delta.path("reasoning_content"));
            piece(PartKind.REFUSAL, delta.path("refusal"));
            if (choice.path("finish_reason").isTextual()) {
                finishReason = choice.path("finish_reason").asText();
            }
        }
        if (chunk.path("decentral").isObject()) {
            receipt = Bytes.utf8(chunk.path("decentral").toString());
        }
    }

    private void piece(PartKind kind, JsonNode value) {
        if (value.isTextual() && !value.asText().isEmpty()) {
            pieces.add(new Expectations.Piece(Part.of(0, kind, 0), Bytes.utf8(value.asText())));
            if (kind == PartKind.TEXT) {
                text.accept(value.asText());
            }
        }
    }

    /** The whole, once the stream has ended. */
    Answer answer(String job, String lockTransaction) {
        if (!done || finishReason == null) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "the answer ended too early: the connection to the gateway was lost; ask again");
        }
        if (receipt == null || job.isEmpty() || lockTransaction.isEmpty()) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE, "the answer came without a receipt: this is not a gateway of Decentral");
        }
        return new Answer(job, lockTransaction, pieces, finishReason, receipt);
    }
}
